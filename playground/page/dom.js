// The few ways in which the page touches its own document. Words become text nodes, never markup.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  svg.append(use);
  return svg;
}

export function iconButton(name, label, act, props = {}) {
  return el("button", { type: "button", class: "round", "aria-label": label, title: label, on: { click: act }, ...props }, icon(name));
}

export function avatar(name, size = "") {
  const words = name.replace(/[^\p{L}\p{N} ]/gu, "").trim().split(/\s+/);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase() || "?";
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return el("span", { class: `avatar avatar-${sum % 7} ${size}`, "aria-hidden": "true", text: letters });
}

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const ZONE = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" });
const CLOCK_DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });

export const zone = (moment) => ZONE.formatToParts(moment).find(({ type }) => type === "timeZoneName").value;
export const time = (moment) => TIME.format(moment);
export const day = (moment) => DAY.format(moment);
export const clockDay = (moment) => CLOCK_DAY.format(moment);

// Makes `container` show `items` ({key, sig, make}) in order, touching only those whose `sig` changed, so that focus,
// scrolling and playing media survive.
export function reconcile(container, items) {
  const known = container.shown ?? new Map();
  const shown = new Map();
  let cursor = container.firstChild;
  for (const item of items) {
    const old = known.get(item.key);
    let node = old?.node;
    if (!old) node = item.make();
    else if (old.sig !== item.sig) {
      node = item.make();
      if (cursor === old.node) cursor = node;
      keepFocus(old.node, node);
      node.classList.add("changed");
    }
    if (node === cursor) cursor = cursor.nextSibling;
    else container.insertBefore(node, cursor);
    shown.set(item.key, { sig: item.sig, node });
    known.delete(item.key);
  }
  for (const { node } of known.values()) {
    const held = node.contains(document.activeElement);
    node.remove();
    if (held) container.focus();
  }
  container.shown = shown;
}

function keepFocus(before, after) {
  const focused = before.contains(document.activeElement) ? document.activeElement : null;
  const list = [...before.querySelectorAll("button, a[href]")];
  const at = list.indexOf(focused);
  before.replaceWith(after);
  if (!focused) return;
  const now = [...after.querySelectorAll("button, a[href]")];
  const same = now.find((each) => each.dataset.id && each.dataset.id === focused.dataset.id)
    ?? now.find((each) => each.textContent === focused.textContent)
    ?? now[Math.min(at, now.length - 1)];
  if (same) same.focus({ preventScroll: true });
  else {
    after.tabIndex = -1;
    after.focus({ preventScroll: true });
  }
}

export const stored = {
  get(key, otherwise) {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? otherwise;
    } catch {
      return otherwise; // storage is off, or holds something of another version
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // storage is off or full: the page then forgets its layout, nothing else
    }
  },
};
