// Without it the page can be read; with it thresholds can be tried and answers taken away.
"use strict";
(() => {
  const get = (id) => document.getElementById(id);

  const slider = get("sweep");
  if (slider) {
    const points = JSON.parse(get("sweep-data").textContent);
    const at = get("sweep-at");
    const percent = (share) => (share * 100).toFixed(1) + " %";
    const show = () => {
      const [bits, precision, recall, f1, pairs] = points[Number(slider.value)];
      const words = `${bits} bits: precision ${percent(precision)}, recall ${percent(recall)}, ` +
        `F1 ${percent(f1)}, ${pairs.toLocaleString("en")} pairs`;
      get("sweep-says").textContent = words;
      slider.setAttribute("aria-valuetext", words);
      const x = 64 + (bits + 12) / 32 * 640;
      at.setAttribute("x1", x);
      at.setAttribute("x2", x);
      at.setAttribute("visibility", "visible");
    };
    slider.closest("[hidden]").hidden = false;
    slider.addEventListener("input", show);
    show();
  }

  const cards = get("cards");
  if (!cards) return;
  const sets = [...cards.querySelectorAll("fieldset")];
  const answer = (set) => set.querySelector("input:checked")?.value;
  let taken = true;
  cards.addEventListener("change", (event) => {
    event.target.closest("fieldset").classList.add("done");
    const count = sets.filter(answer).length;
    get("answered").textContent = `${count} of ${sets.length} answered`;
    get("download").disabled = count === 0;
    taken = false;
  });
  const quoted = (text) => /[",\r\n]|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  get("download").addEventListener("click", () => {
    const rows = sets.filter(answer).map((set) =>
      [set.dataset.l, set.dataset.r, answer(set)].map(quoted).join(","));
    const text = ["id_l,id_r,answer", ...rows, ""].join("\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = "answers.csv";
    link.click();
    URL.revokeObjectURL(link.href);
    taken = true;
  });
  addEventListener("beforeunload", (event) => {
    if (!taken) event.preventDefault();
  });
})();
