/** What of a page is there for certain. */

/** @param {ParentNode} within @param {string} selector @returns {HTMLElement} */
export function find(within, selector) {
  const found = within.querySelector(selector);
  if (found instanceof HTMLElement) return found;
  throw new Error(`the page has no ${selector}`);
}

/** @param {ParentNode} within @param {string} selector @returns {HTMLElement[]} */
export function findAll(within, selector) {
  return [...within.querySelectorAll(selector)].filter((one) => one instanceof HTMLElement);
}
