// Texts in the reader's language.

/**
 * A function that gives the translation of an English text with its {fields} filled in.
 * @param {Record<string, string>} known translations by English text
 */
export function words(known) {
  return (/** @type {string} */ key, /** @type {Record<string, string|number>} */ values = {}) =>
    (known?.[key] ?? key).replace(/\{(\w+)\}/g, (field, name) => (name in values ? String(values[name]) : field));
}
