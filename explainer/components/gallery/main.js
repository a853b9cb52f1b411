// A strip of thumbnails as a radio group: one tab stop, arrow keys choose, the mark moves at once.

/** @type {WeakMap<ParentNode, {drawn: string, choose: (key: string) => void}>} */
const galleries = new WeakMap();

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export default function gallery({ data, parentElement, setTriggerValue }) {
  const group = parentElement.querySelector(".gallery");
  const state = galleries.get(parentElement) ?? { drawn: "" };
  galleries.set(parentElement, state);
  state.choose = (key) => setTriggerValue("choice", key);
  group.setAttribute("aria-label", data.label);

  if (data.items !== state.drawn) {
    const focused = group.contains(group.getRootNode().activeElement);
    group.replaceChildren(...JSON.parse(data.items).map((item) => option(item, group, state)));
    state.drawn = data.items;
    mark(group, data.selected);
    if (focused) group.querySelector('[tabindex="0"]')?.focus();
  } else {
    mark(group, data.selected);
  }
}

function option({ key, label, src }, group, state) {
  const image = Object.assign(document.createElement("img"), { alt: "", draggable: false });
  if (src) image.src = src;
  const caption = Object.assign(document.createElement("span"), { textContent: label });
  const button = Object.assign(document.createElement("button"), { type: "button", title: label });
  button.dataset.key = key;
  button.setAttribute("role", "radio");
  button.append(image, caption);
  button.addEventListener("click", () => choose(button, group, state));
  button.addEventListener("keydown", (event) => {
    const options = [...group.children];
    const at = options.indexOf(button);
    const last = options.length - 1;
    const wanted = { Home: 0, End: last }[event.key] ?? (at + (STEPS[event.key] ?? NaN) + last + 1) % (last + 1);
    if (Number.isNaN(wanted)) return;
    event.preventDefault();
    options[wanted].focus();
    choose(options[wanted], group, state);
  });
  return button;
}

function choose(button, group, state) {
  mark(group, button.dataset.key);
  state.choose(button.dataset.key);
}

/** Mark the chosen thumbnail; it, or else the first one, is where the tab key stops. */
function mark(group, selected) {
  const options = [...group.children];
  const chosen = options.find((option) => option.dataset.key === selected);
  for (const option of options) {
    option.setAttribute("aria-checked", String(option === chosen));
    option.tabIndex = option === (chosen ?? options[0]) ? 0 : -1;
  }
  if (!chosen) return;
  const [strip, box] = [group.getBoundingClientRect(), chosen.getBoundingClientRect()];
  if (box.left < strip.left) group.scrollLeft -= strip.left - box.left + 8;
  if (box.right > strip.right) group.scrollLeft += box.right - strip.right + 8;
}
