// What the reader looks at stands in the page's address: read it, change it without leaving.

/**
 * Put name and value into the page's address; an empty value removes it.
 * @param {Record<string, string>} values
 * @param {{entry?: boolean}} [options] entry: as a new entry of the history, to which "back" leads back
 */
export function updateAddress(values, { entry = false } = {}) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  if (address.href === location.href) return;
  if (entry) history.pushState({}, "", address);
  else history.replaceState(history.state, "", address);
}

/** The parts of the address that components change by themselves, for the server, which keeps a copy. */
export function presentAddress() {
  return { at: fromAddress("at"), scale: fromAddress("scale"), time: Date.now() };
}

/** @param {string} name */
export function fromAddress(name) {
  return new URL(location.href).searchParams.get(name) ?? "";
}
