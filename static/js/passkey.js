// Passkeys. A form says data-passkey="create" or "get"; its options stand in the JSON script named by data-options,
// or are fetched from the form's own address. Without JavaScript, or in a browser without passkeys, the form stays hidden.
(() => {
  const fromText = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  const toText = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const named = (credentials) => credentials?.map((one) => ({ ...one, id: fromText(one.id) }));

  // What the server wrote in base64url becomes bytes, and what the browser answers in bytes becomes base64url.
  const ready = (options) => ({
    ...options,
    challenge: fromText(options.challenge),
    ...(options.user && { user: { ...options.user, id: fromText(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: named(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: named(options.allowCredentials) }),
  });
  const written = (credential) => {
    const { response } = credential;
    const parts = { clientDataJSON: toText(response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[name]) parts[name] = toText(response[name]);
    }
    if (response.getTransports) parts.transports = response.getTransports();
    return JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: parts,
    });
  };

  const optionsOf = async (form) => {
    if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`passkey options: ${answer.status}`);
    return answer.json();
  };
  const ask = async (form) => {
    const said = await optionsOf(form);
    if (form.dataset.passkey === "get") {
      return navigator.credentials.get({ publicKey: ready(said.request_options.publicKey) });
    }
    const publicKey = ready(said.creation_options.publicKey);
    const alone = form.elements.passwordless?.checked ?? false; // the passkey alone signs in: it must know its owner
    publicKey.authenticatorSelection = {
      ...publicKey.authenticatorSelection,
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: alone,
      ...(alone && { userVerification: "required" }),
    };
    return navigator.credentials.create({ publicKey });
  };

  if (!window.PublicKeyCredential) return;
  for (const missing of document.querySelectorAll("[data-passkey-missing]")) missing.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const says = form.querySelector("[data-passkey-says]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      says.hidden = true;
      try {
        form.elements.credential.value = written(await ask(form));
        form.submit();
      } catch (error) {
        const reason = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" }[error.name] ?? "failed";
        says.textContent = says.dataset[reason];
        says.hidden = false;
      }
    });
  }
})();
