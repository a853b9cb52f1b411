// What has arrived from the server, where the reader is, and what has been asked for.

/**
 * @typedef {{node: number|null, channel: number|null, y: number|null, x: number|null}} Place
 * @typedef {"overview"|"layer"|"values"|"arithmetic"|"reading"|"place"|"scale"|"theme"} Event
 */

/** @type {Place} */
export const NOWHERE = { node: null, channel: null, y: null, x: null };

/** How many whole layers and how many channels' values are kept. */
const KEPT_LAYERS = 24;
const KEPT_VALUES = 48;

export class Store {
  /** @param {(ask: object) => void} send hands a request to the server */
  constructor(send) {
    this.send = send;
    /** @type {any} */
    this.overview = null;
    /** @type {Map<number, any>} */
    this.layers = new Map();
    /** @type {Map<number, any>} whole tensors of small networks, by node */
    this.tensors = new Map();
    /** @type {Map<number, any>} operations of small networks, by node */
    this.operations = new Map();
    /** @type {Map<string, any>} */
    this.windows = new Map();
    /** @type {Map<string, any>} */
    this.assembled = new Map();
    /** @type {Map<string, any>} */
    this.explained = new Map();
    /** @type {Map<number, any>} what the units of a layer can see, by node */
    this.reaches = new Map();
    /** @type {Map<string, any>} what single units do see, and mean */
    this.readings = new Map();
    /** @type {Record<string, string>} */
    this.strings = {};
    this.language = "en";
    /** @type {"channel"|"layer"|"network"} */
    this.scaleMode = "layer";
    /** @type {Place} */
    this.place = NOWHERE;
    this.networkPeak = 0;
    /** @type {Map<Event, Set<(what: any) => void>>} */
    this.listeners = new Map();
    /** @type {Record<string, any>} */
    this.wanted = {};
    this.serial = 0;
    this.scheduled = false;
  }

  /**
   * @param {Event} event
   * @param {(what: any) => void} listener
   * @returns {() => void} stops listening
   */
  on(event, listener) {
    const all = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, all.add(listener));
    return () => all.delete(listener);
  }

  /**
   * @param {Event} event
   * @param {any} [what]
   */
  emit(event, what) {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(what);
  }

  /**
   * The translated text of an English key, with {fields} filled in.
   * @param {string} key
   * @param {Record<string, string|number>} [fields]
   */
  text(key, fields = {}) {
    const text = this.strings[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => String(fields[name] ?? whole));
  }

  /**
   * Take in a decoded frame.
   * @param {any} frame
   */
  receive(frame) {
    if (frame.text) this.strings = frame.text;
    if (frame.language) this.language = frame.language;
    const events = [];
    for (const message of frame.messages) {
      if (message.type === "overview") {
        this.#begin(message);
        events.push(["overview", message]);
      } else if (!this.overview || message.trace !== this.overview.trace) {
        continue; // an answer about a picture that is no longer shown
      } else if (message.type === "layer") {
        const known = this.layers.get(message.node);
        if (known?.contribution && !message.contribution) message.contribution = known.contribution;
        keep(this.layers, message.node, message, KEPT_LAYERS);
        if (this.wanted.layer === message.node) delete this.wanted.layer;
        if (message.contribution && this.wanted.contribution?.node === message.node) delete this.wanted.contribution;
        events.push(["layer", message]);
      } else if (message.type === "tensor") {
        this.tensors.set(message.node, message);
      } else if (message.type === "operation") {
        this.operations.set(message.node, message);
      } else if (message.type === "values") {
        keep(this.windows, `${message.node}/${message.channel}`, message, KEPT_VALUES);
        this.#answered("values", message);
        events.push(["values", message]);
      } else if (message.type === "arithmetic") {
        const { node, channel, y, x } = message;
        keep(this.explained, `${node}/${channel}/${y}/${x}`, message, 200);
        this.#answered("arithmetic", message);
        events.push(["arithmetic", message]);
      } else if (message.type === "reach") {
        this.reaches.set(message.node, message);
        if (this.wanted.reach === message.node) delete this.wanted.reach;
        events.push(["reading", message]);
      } else if (message.type === "reading") {
        const { node, channel, y, x } = message;
        keep(this.readings, `${node}/${channel}/${y}/${x}`, message, 200);
        this.#answered("reading", message);
        events.push(["reading", message]);
      }
    }
    for (const [event, what] of events) this.emit(/** @type {Event} */ (event), what);
  }

  /**
   * Forget a wish that this very answer fulfils; the next question need not repeat it.
   * @param {"values"|"arithmetic"|"reading"} name
   * @param {any} message
   */
  #answered(name, message) {
    const wish = this.wanted[name];
    if (wish?.node !== message.node || wish.channel !== message.channel) return;
    const there = name === "values" ? this.covers(message, wish.y, wish.x) : wish.y === message.y && wish.x === message.x;
    if (there) delete this.wanted[name];
  }

  /** @param {any} overview */
  #begin(overview) {
    const sameModel = this.overview?.model.key === overview.model.key;
    this.overview = overview;
    for (const map of [this.layers, this.tensors, this.operations, this.windows, this.explained, this.reaches, this.readings]) map.clear();
    this.assembled.clear();
    this.wanted = {};
    this.networkPeak = Math.max(...overview.nodes.slice(1).map((/** @type {any} */ node) => node.peak ?? 0), 0);
    if (!sameModel) this.place = NOWHERE;
  }

  /** @param {number} index */
  node(index) {
    return this.overview?.nodes[index] ?? null;
  }

  /** @param {string} name */
  find(name) {
    return this.overview?.nodes.find((/** @type {any} */ node) => node.name === name) ?? null;
  }

  /** @param {number} index */
  layer(index) {
    return this.layers.get(index) ?? null;
  }

  /**
   * Everything needed to work out one channel of one node, or null if it has not arrived.
   * @param {number} index
   * @param {number} channel
   */
  values(index, channel) {
    const operation = this.operations.get(index);
    if (!operation) return this.windows.get(`${index}/${channel}`) ?? null;
    const key = `${index}/${channel}`;
    let values = this.assembled.get(key);
    if (!values) {
      values = this.#assemble(operation, index, channel);
      keep(this.assembled, key, values, KEPT_VALUES);
    }
    return values;
  }

  /**
   * @param {any} operation
   * @param {number} index
   * @param {number} channel
   */
  #assemble(operation, index, channel) {
    const output = this.tensors.get(index);
    const plane = output.height * output.width;
    const weight = operation.weight;
    const size = weight ? weight.shape[1] * weight.shape[2] * weight.shape[3] : 0;
    const perGroup = weight && operation.form === "convolution" ? weight.shape[1] : 0;
    const groups = operation.geometry.groups ?? 1;
    const group = perGroup ? Math.floor((channel * groups) / output.channels) : 0;
    const parameters = { ...operation.parameters };
    for (const [name, value] of Object.entries(parameters)) {
      if (value instanceof Float32Array) parameters[name] = value.length === 1 ? value[0] : value[channel];
    }
    return {
      type: "values",
      trace: this.overview.trace,
      node: index,
      channel,
      form: operation.form,
      geometry: { ...operation.geometry, c0: group * perGroup },
      bias: operation.bias ? operation.bias[channel] : null,
      output: { ...output, data: output.data.subarray(channel * plane, (channel + 1) * plane), channels: 1, c0: channel },
      inputs: operation.inputs.map((/** @type {number} */ input) => this.tensors.get(input)),
      weight: weight
        ? { data: weight.data.subarray(channel * size, (channel + 1) * size), shape: weight.shape.slice(1) }
        : null,
      parameters,
    };
  }

  /**
   * Whether the arrived values reach the output position.
   * @param {any} values
   * @param {number} y
   * @param {number} x
   */
  covers(values, y, x) {
    const { y0, x0, height, width } = values.output;
    return y >= y0 && y < y0 + height && x >= x0 && x < x0 + width;
  }

  /**
   * @param {number} node
   * @param {number} channel
   * @param {number} y
   * @param {number} x
   */
  arithmetic(node, channel, y, x) {
    return this.explained.get(`${node}/${channel}/${y}/${x}`) ?? null;
  }

  /**
   * @param {number} node
   * @param {number} channel
   * @param {number} y
   * @param {number} x
   */
  reading(node, channel, y, x) {
    return this.readings.get(`${node}/${channel}/${y}/${x}`) ?? null;
  }

  /**
   * Ask the server; requests of one moment travel together, and one that is under way is not repeated.
   * @param {{layer?: number, values?: object, arithmetic?: object, contribution?: object, reach?: number, reading?: object}} what
   */
  request(what) {
    let changed = false;
    for (const [name, value] of Object.entries(what)) {
      if (JSON.stringify(this.wanted[name]) === JSON.stringify(value)) continue;
      this.wanted[name] = value;
      changed = true;
    }
    if (!changed || this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.send({ trace: this.overview?.trace ?? null, serial: ++this.serial, ...this.wanted });
    });
  }

  /** @param {"channel"|"layer"|"network"} mode */
  setScaleMode(mode) {
    this.scaleMode = mode;
    this.emit("scale", mode);
  }

  /**
   * The magnitude that gets the full colour.
   * @param {any} node
   * @param {number} channelScale the channel's own largest magnitude
   */
  peakFor(node, channelScale) {
    if (this.scaleMode === "channel") return channelScale;
    return this.scaleMode === "layer" ? node.peak : this.networkPeak;
  }

  /**
   * Go to a place; parts that are not named are left open.
   * @param {Partial<Place>} place
   * @param {{replace?: boolean}} [options] replace: no new entry in the browser's history
   */
  go(place, options = {}) {
    const next = { ...NOWHERE, ...place };
    const before = this.place;
    if (Object.keys(next).every((k) => next[/** @type {keyof Place} */ (k)] === before[/** @type {keyof Place} */ (k)])) return;
    this.place = next;
    this.emit("place", { place: next, before, ...options });
  }

  /** One level up: pixel, channel, layer, network. */
  up() {
    const { node, channel, y } = this.place;
    if (y !== null) this.go({ node, channel });
    else if (channel !== null) this.go({ node });
    else this.go(NOWHERE);
  }
}

/**
 * Put into a map that forgets what was used longest ago.
 * @template K, V
 * @param {Map<K, V>} map
 * @param {K} key
 * @param {V} value
 * @param {number} most
 */
function keep(map, key, value, most) {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(/** @type {K} */ (map.keys().next().value));
}
