"use strict";
// The page reads without this; it adds what a hand does: pointing, sorting, filtering, copying, dark or light.
(() => {
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem("pluriverse-theme"); } catch { return null; } };
  const store = (theme) => { try { localStorage.setItem("pluriverse-theme", theme); } catch { /* a private window */ } };
  root.classList.add("script");
  if (["light", "dark"].includes(stored())) root.dataset.theme = stored();

  const setUpTheme = () => {
    const button = document.getElementById("theme");
    const systemDark = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);
    const show = () => button.setAttribute("aria-pressed", isDark());
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      store(root.dataset.theme);
      show();
    });
    systemDark.addEventListener("change", show);
    button.hidden = false;
    show();
  };

  const setUpCopying = () => {
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = !navigator.clipboard;
      const label = button.textContent;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(button.dataset.copy);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Not allowed";
        }
        setTimeout(() => { button.textContent = label; }, 1500);
      });
    }
  };

  // What a chart shows under the pointer is read from its table of values.
  const setUpChart = (figure, tip) => {
    const canvas = figure.querySelector(".canvas");
    const table = figure.querySelector(".values table");
    if (!canvas || !table) return;
    const rows = table.tBodies[0].rows;
    const heads = [...table.tHead.rows[0].cells];
    const swatches = [...figure.querySelectorAll(".legend .swatch")];
    const perCanvas = Number(table.dataset.rows);
    const guide = document.createElement("div");
    guide.className = "guide";
    guide.hidden = true;
    canvas.append(guide);
    let shown = -1;

    const hide = () => { guide.hidden = true; tip.hidden = true; shown = -1; };
    const fill = (row) => {
      const title = document.createElement("b");
      title.textContent = row.cells[0].textContent.trim();
      const lines = [...row.cells].slice(1).map((cell, index) => {
        const line = document.createElement("div");
        const name = document.createElement("span");
        const value = document.createElement("span");
        name.textContent = heads[index + 1].textContent.trim();
        value.textContent = cell.textContent.trim();
        if (swatches[index]) line.append(swatches[index].cloneNode());
        line.append(name, value);
        return line;
      });
      tip.replaceChildren(title, ...lines);
    };
    const show = (index) => {
      index = Math.max(0, Math.min(rows.length - 1, index));
      const left = index / perCanvas;
      const width = Math.min(1 / perCanvas, 1 - left);
      if (index !== shown) fill(rows[index]);
      shown = index;
      guide.style.left = `${left * 100}%`;
      guide.style.width = `${width * 100}%`;
      guide.hidden = false;
      tip.hidden = false;
      const box = canvas.getBoundingClientRect();
      const middle = box.left + (left + width / 2) * box.width;
      const gap = 14 + (width / 2) * box.width;
      const fits = middle + gap + tip.offsetWidth < root.clientWidth - 8;
      const x = fits ? middle + gap : Math.max(8, middle - gap - tip.offsetWidth);
      const y = Math.max(8, Math.min(box.top + 8, root.clientHeight - tip.offsetHeight - 8));
      tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    };

    const point = (event) => {
      const box = canvas.getBoundingClientRect();
      show(Math.floor(((event.clientX - box.left) / box.width) * perCanvas));
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("pointerleave", hide);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "group");
    canvas.setAttribute("aria-label", `${figure.querySelector("h3").textContent}: arrow keys read the values`);
    canvas.addEventListener("blur", hide);
    canvas.addEventListener("keydown", (event) => {
      const target = {
        ArrowRight: shown + 1,
        ArrowLeft: shown < 0 ? rows.length - 1 : shown - 1,
        Home: 0,
        End: rows.length - 1,
      }[event.key];
      if (event.key === "Escape") hide();
      if (target === undefined) return;
      event.preventDefault();
      show(target);
    });
  };

  const setUpMetrics = () => {
    const table = document.getElementById("figures");
    if (!table) return;
    const body = table.tBodies[0];
    const original = [...body.rows];
    const heads = [...table.tHead.rows[0].cells].slice(0, -1);
    const key = (row, column) => {
      const cell = row.cells[column];
      if (!heads[column].classList.contains("number")) return cell.textContent;
      return Number(cell.dataset.v ?? (cell.textContent.trim() === "–" ? NaN : cell.textContent));
    };
    const compare = (a, b) => {
      if (typeof a === "string") return a.localeCompare(b, "en", { numeric: true });
      if (Number.isNaN(a) || Number.isNaN(b)) return 0;
      return a - b;
    };
    const sort = (column) => {
      const next = { ascending: "descending", descending: null }[heads[column].getAttribute("aria-sort")];
      const order = next === undefined ? "ascending" : next;
      for (const head of heads) head.removeAttribute("aria-sort");
      if (order === null) return body.append(...original);
      heads[column].setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const keyed = original.map((row) => [key(row, column), row]);
      const [known, missing] = [keyed.filter(([k]) => !Number.isNaN(k)), keyed.filter(([k]) => Number.isNaN(k))];
      known.sort(([a], [b]) => sign * compare(a, b));
      body.append(...known.map(([, row]) => row), ...missing.map(([, row]) => row));
    };
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => sort(column));
      head.replaceChildren(button);
    });

    const input = document.getElementById("filter");
    const count = document.getElementById("shown");
    const filter = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let kept = 0;
      for (const row of original) {
        const name = row.cells[0].textContent.toLowerCase();
        row.hidden = !words.every((word) => name.includes(word));
        if (!row.hidden) kept += 1;
      }
      count.textContent = kept === original.length ? `${kept} metrics` : `${kept} of ${original.length} metrics`;
    };
    input.addEventListener("input", filter);
    filter();
  };

  document.addEventListener("DOMContentLoaded", () => {
    setUpTheme();
    setUpCopying();
    const tip = document.getElementById("tip");
    for (const figure of document.querySelectorAll("figure.chart")) setUpChart(figure, tip);
    addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
    setUpMetrics();
  });
})();
