// The line of tools: channel, heat on or off, this photo or the average, its opacity, what lies in the padding.

import { element } from "../shared/dom.js";

export class Tools {
  /** @param {HTMLElement} host @param {any} view */
  constructor(host, view) {
    this.host = host;
    this.view = view;
  }

  open() {
    const { view } = this;
    const { text } = view;
    this.number = element("input", "fv-number");
    Object.assign(this.number, { type: "number", min: "0", max: String(view.state.channels - 1), step: "1" });
    this.number.setAttribute("aria-label", text("Channel"));
    this.number.addEventListener("change", () => view.choose(Number.parseInt(this.number.value, 10) || 0));
    const channel = element("span", "fv-channel");
    channel.append(
      element("span", "", text("Channel")),
      this.#step("‹", text("Previous channel"), -1),
      this.number,
      this.#step("›", text("Next channel"), 1),
      element("span", "fv-quiet", text("of {count}", { count: view.state.channels })),
    );
    this.heat = this.#check(text("what it does see"), text("The effective field: how much each pixel moves this unit on this photo"), () => view.showHeat, (on) => (view.showHeat = on));
    this.average = this.#check(text("average over photos"), text("Once it has been computed, below"), () => view.average, (on) => (view.average = on));
    this.outside = this.#check(text("beyond the photo"), text("Draw the padding too, so that the whole box can be seen"), () => view.outside, (on) => (view.outside = on));
    const opacity = element("label", "fv-opacity");
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: "0", max: "1", step: "0.05", value: String(view.opacity) });
    this.slider.addEventListener("input", () => {
      view.opacity = Number(this.slider.value);
      view.schedule();
    });
    opacity.append(element("span", "", text("Opacity")), this.slider);
    this.pending = element("span", "fv-pending", text("working out what it sees …"));
    this.host.replaceChildren(channel, this.heat.label, this.average.label, opacity, this.outside.label, this.pending);
    this.update();
  }

  update() {
    const { view } = this;
    if (!this.number || !view.state) return;
    this.number.value = String(view.place.channel);
    const place = { ...view.place, ...(view.pinned ?? view.rest) };
    this.heat.box.checked = view.showHeat;
    this.average.box.checked = view.average;
    this.average.label.hidden = !view.state.heatOf(place, true);
    const lacks = !view.state.heatOf(place, false) && !view.state.refusalOf(place);
    this.pending.hidden = !(view.showHeat && lacks && view.state.field.status !== "undefined");
  }

  /** @param {string} sign @param {string} title @param {number} by */
  #step(sign, title, by) {
    const button = element("button", "fv-button", sign);
    button.title = title;
    button.setAttribute("aria-label", title);
    button.addEventListener("click", () => this.view.choose(this.view.place.channel + by));
    return button;
  }

  /**
   * @param {string} words
   * @param {string} title
   * @param {() => boolean} read
   * @param {(on: boolean) => void} write
   */
  #check(words, title, read, write) {
    const label = element("label", "fv-check");
    const box = element("input");
    box.type = "checkbox";
    box.checked = read();
    box.addEventListener("change", () => {
      write(box.checked);
      this.view.changed();
    });
    label.title = title;
    label.append(box, element("span", "", words));
    return { label, box };
  }
}
