// Dragging for the ranking page. The buttons do the same for everyone; this only adds the hand.
(() => {
  const mount = () => {
    const list = document.querySelector("[data-rank-list]:not([data-ready])");
    if (!list || !window.Sortable) return;
    list.dataset.ready = "1";
    const order = () => [...list.querySelectorAll("[data-id]")].map((item) => item.dataset.id).join(",");
    let before;
    Sortable.create(list, {
      handle: "[data-rank-grip]",
      draggable: "[data-id]",
      animation: 150,
      forceFallback: true, // the browser's own dragging does not work with a finger
      fallbackTolerance: 4,
      chosenClass: "i-rank__item--held",
      ghostClass: "i-rank__item--gap",
      onStart: () => { before = order(); },
      onEnd: ({ item }) => {
        const form = document.getElementById("rank-form");
        if (order() !== before) {
          htmx.ajax("POST", form.action, { source: form, values: { order: order(), moved: item.dataset.id } });
        }
      },
    });
  };
  document.addEventListener("DOMContentLoaded", mount);
  document.addEventListener("htmx:afterSettle", mount);
})();
