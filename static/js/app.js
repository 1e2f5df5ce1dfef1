// Manners every page shares. Nothing here is needed to use a page; each piece makes one thing kinder.
(() => {
  const root = document.documentElement;
  const say = document.getElementById("toast");
  const close = (event, selector) => event.target.closest?.(selector);

  // One line that speaks: it is always in the page, so screen readers hear every change.
  let timer;
  const toast = (text, tone = "good") => {
    if (!say || !text) return;
    say.textContent = text;
    say.classList.toggle("i-toast--danger", tone === "danger");
    say.classList.add("i-toast--shown");
    clearTimeout(timer);
    timer = setTimeout(() => say.classList.remove("i-toast--shown"), 3000 + text.length * 60);
  };
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
  document.addEventListener("htmx:sendError", () => toast(say.dataset.offline, "danger"));
  document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
    if (!xhr.getResponseHeader("HX-Trigger")) toast(say.dataset.failed, "danger"); // the server had nothing to say
  });
  addEventListener("offline", () => toast(say.dataset.offline, "danger"));
  addEventListener("online", () => toast(say.dataset.online));

  // Errors take the focus, and the title says so first. A swapped list names the button that keeps it.
  const land = (part) => {
    const errors = part.querySelector?.("[data-autofocus]");
    if (errors) {
      errors.focus();
      if (!document.title.startsWith(say.dataset.titlePrefix)) document.title = say.dataset.titlePrefix + document.title;
    }
    const holder = part.querySelector?.("[data-focus]");
    if (holder) {
      let wanted = document.getElementById(holder.dataset.focus);
      if (wanted?.disabled) wanted = wanted.parentElement.querySelector("button:not(:disabled)");
      wanted?.focus();
      holder.removeAttribute("data-focus");
    }
  };
  land(document);
  document.addEventListener("htmx:afterSettle", () => land(document));

  document.addEventListener("click", (event) => {
    const jump = close(event, ".i-errors a");
    const field = jump && document.getElementById(jump.hash.slice(1));
    if (field) {
      event.preventDefault();
      field.scrollIntoView({ block: "center" });
      field.focus({ preventScroll: true });
    }
    if (close(event, "[data-print]")) print();
    const copy = close(event, "[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast(say.dataset.copied));
    if (close(event, "[data-share]")) {
      const page = { title: document.title, url: location.href };
      if (navigator.share) navigator.share(page).catch(() => {});
      else navigator.clipboard?.writeText(page.url).then(() => toast(say.dataset.copied));
    }
    const risky = close(event, "[data-confirm]");
    if (risky && !confirm(risky.dataset.confirm)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    // An open menu closes when one looks elsewhere.
    for (const menu of document.querySelectorAll(".i-user[open], .i-burger[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  }, true);
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && close(event, ".i-user[open], .i-burger[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // 선명하게 without a reload; the form does the same without JavaScript.
  document.addEventListener("submit", (event) => {
    if (!close(event, "[data-mode-form]")) return;
    event.preventDefault();
    const on = root.dataset.mode !== "hc";
    if (on) root.dataset.mode = "hc";
    else delete root.dataset.mode;
    document.cookie = `mode=hc;path=/;samesite=lax;max-age=${on ? 31536000 : 0}${location.protocol === "https:" ? ";secure" : ""}`;
    for (const button of document.querySelectorAll("[data-mode-form] button")) {
      button.setAttribute("aria-pressed", on);
      button.value = on ? "plain" : "hc";
    }
  }, true);

  // Which files were chosen, by name and size, pictures small beside them: the browser only counts several.
  document.addEventListener("change", ({ target: input }) => {
    if (!input.matches("input[type=file][data-chosen]")) return;
    input.parentElement.querySelector(".i-chosen")?.remove();
    const list = document.createElement("ul");
    list.className = "i-chosen";
    for (const file of input.files) {
      const item = list.appendChild(document.createElement("li"));
      const size = file.size < 1e5 ? `${Math.ceil(file.size / 1024)} KB` : `${(file.size / 1048576).toFixed(1)} MB`;
      item.textContent = `${file.name} · ${size}`;
      if (!/^image\/(png|jpeg)$/.test(file.type)) continue;
      const reader = new FileReader();
      reader.onload = () => {
        const picture = document.createElement("img");
        picture.alt = "";
        picture.src = reader.result;
        item.prepend(picture);
      };
      reader.readAsDataURL(file);
    }
    if (input.files.length) input.after(list);
  });

  // What was typed is not lost by a slip, and sent only once. htmx keeps its own order.
  const dirty = new Set();
  document.addEventListener("input", (event) => {
    const form = close(event, "form[data-guard]");
    if (!form) return;
    dirty.add(form);
    form.dataset.dirty = "";
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!detail.successful) return;
    dirty.delete(detail.elt); // saved while typing
    delete detail.elt.dataset?.dirty;
  });
  addEventListener("beforeunload", (event) => {
    if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
  });
  const release = (form) => {
    delete form.dataset.busy;
    for (const button of form.querySelectorAll("[aria-disabled=true]")) button.removeAttribute("aria-disabled");
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    dirty.delete(form);
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.busy) {
      event.preventDefault();
      return;
    }
    form.dataset.busy = "1";
    event.submitter?.setAttribute("aria-disabled", "true");
    setTimeout(release, 8000, form); // a download leaves the page where it is
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(release));
})();
