// Elements without markup in strings: what somebody named a file is never code.

export function h(tag, given = {}, ...children) {
  return fill(document.createElement(tag), given, children);
}

export function svg(tag, given = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), given, children);
}

function fill(element, given, children) {
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, to] of Object.entries(value)) element.style.setProperty(key, to);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

/** Says a sentence to whom listens to the page. */
export function say(text) {
  document.getElementById("live").textContent = text;
}

/** What went wrong, what to do, and the id under which the server's log has it. */
export function notice(error) {
  const known = [error.code, error.requestId && `request ${error.requestId}`].filter(Boolean).join(" · ");
  return h("div", { class: "notice", role: "alert" }, h("strong", {}, error.message), h("p", {}, error.detail ?? ""), known && h("small", {}, known));
}

/** Runs what a button starts: the button waits, and a failure is told in `place`. */
export async function during(button, place, work) {
  button.disabled = true;
  place.replaceChildren();
  try {
    return await work();
  } catch (error) {
    place.replaceChildren(notice(error));
  } finally {
    button.disabled = false;
  }
}

export const bytes = (n) => (n < 1e3 ? `${n} B` : n < 1e6 ? `${(n / 1e3).toFixed(0)} kB` : n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(2)} GB`);
export const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
export const when = (iso) => new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
export const signed = (n) => String(n).replace("-", "−");
export const spaced = (name) => name.replaceAll("_", " ");
