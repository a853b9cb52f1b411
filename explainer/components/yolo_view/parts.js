// Small parts that the steps are made of.

import { element } from "../shared/dom.js";

/** @param {string} text @param {string} [className] */
export function paragraph(text, className = "yolo-lead") {
  return element("p", className, text);
}

/** @param {string} className @param {...HTMLElement} parts */
export function sections(className, ...parts) {
  const made = element("div", className);
  made.append(...parts);
  return made;
}

/**
 * Formulas with their numbers: a name, what it is made of, what comes out.
 * @param {[string, string|(string|Node)[], string, string?][]} rows the fourth is a class of the row
 */
export function lines(rows) {
  const list = element("dl", "yolo-lines");
  for (const [name, sum, result, className] of rows) {
    const value = element("dd", className);
    const made = element("span");
    made.append(...[sum].flat());
    value.append(made, element("b", "", result));
    list.append(element("dt", "", name), value);
  }
  return list;
}

/**
 * One of several, chosen with clicks or arrow keys.
 * @param {string} label
 * @param {[string, string][]} options key and title
 * @param {(key: string) => void} choose
 */
export function radios(label, options, choose) {
  const group = element("div", "yolo-radios");
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", label);
  const buttons = options.map(([key, title], i) => {
    const button = element("button", "yolo-radio", title);
    button.setAttribute("role", "radio");
    button.dataset.key = key;
    button.addEventListener("click", () => choose(key));
    button.addEventListener("keydown", (event) => {
      const turn = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!turn) return;
      event.preventDefault();
      const next = buttons[(i + turn + buttons.length) % buttons.length];
      next.focus();
      next.click();
    });
    return button;
  });
  group.append(...buttons);
  return {
    root: group,
    /** @param {string} chosen */
    show(chosen) {
      const known = options.some(([key]) => key === chosen);
      buttons.forEach((button, i) => {
        const here = button.dataset.key === chosen;
        button.setAttribute("aria-checked", String(here));
        button.tabIndex = here || (!known && i === 0) ? 0 : -1;
      });
    },
  };
}

/**
 * A list that unfolds.
 * @param {string} label
 * @param {(key: string) => void} choose
 */
export function list(label, choose) {
  const root = element("label", "yolo-list");
  const select = element("select");
  root.append(element("span", "", label), select);
  select.addEventListener("change", () => choose(select.value));
  let known = "";
  return {
    root,
    /** @param {[string, string][]} options @param {string} chosen */
    show(options, chosen) {
      const now = JSON.stringify(options);
      if (now !== known) {
        known = now;
        select.replaceChildren(...options.map(([key, title]) => Object.assign(element("option", "", title), { value: key })));
      }
      select.value = chosen;
    },
  };
}

/**
 * A legend of the sequential map.
 * @param {any} view
 */
export function legend(view) {
  const root = element("span", "yolo-legend");
  const ends = [element("span", "", "0"), element("span", "", "1")];
  const bar = element("i");
  root.append(ends[0], bar, ends[1]);
  return {
    root,
    /** @param {string} high */
    show(high) {
      const table = view.palette.table("magnitude");
      const stops = [1, 64, 128, 192, 255].map((step) => `rgb(${table[step] & 255}, ${(table[step] >> 8) & 255}, ${(table[step] >> 16) & 255})`);
      bar.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
      ends[1].textContent = high;
    },
  };
}

/**
 * A table of rows that can be chosen.
 * @param {string} label
 * @param {string[]} heads
 */
export function table(label, heads) {
  const root = element("table", "yolo-table");
  root.setAttribute("aria-label", label);
  const head = root.createTHead().insertRow();
  for (const title of heads) head.append(element("th", "", title));
  const body = root.createTBody();
  return {
    root,
    /** @param {{cells: (string|Node)[], chosen?: boolean, className?: string, act?: () => void, name?: string}[]} rows */
    show(rows) {
      const focused = [...body.rows].findIndex((row) => row.contains(document.activeElement) || row.contains(/** @type {any} */ (root.getRootNode()).activeElement));
      body.replaceChildren(
        ...rows.map(({ cells, chosen, className = "", act, name }) => {
          const row = element("tr", className);
          if (chosen) row.setAttribute("aria-current", "true");
          cells.forEach((content, i) => {
            const cell = element("td");
            if (i === 0 && act) {
              const button = element("button", "yolo-pick");
              button.append(content);
              if (name) button.setAttribute("aria-label", name);
              cell.append(button);
            } else cell.append(content);
            row.append(cell);
          });
          if (act) row.addEventListener("click", act);
          return row;
        }),
      );
      if (focused >= 0) body.rows[focused]?.querySelector("button")?.focus();
    },
  };
}
