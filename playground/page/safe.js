// Lets formatted words in: only plain formatting tags survive, everything else is shown as the text it is. The
// playground escapes before sending; this is the second lock on the same door.

const TAGS = new Set(["A", "B", "STRONG", "I", "EM", "U", "INS", "S", "STRIKE", "DEL", "CODE", "PRE", "BLOCKQUOTE", "BR", "P",
  "DIV", "SPAN", "UL", "OL", "LI", "HR", "SMALL", "IMG", "TG-SPOILER", "MARK", "TIME"]);
const HEADING = /^H[1-6]$/;

export function formatted(html) {
  const inert = new DOMParser().parseFromString(html, "text/html");
  const out = document.createDocumentFragment();
  copy(inert.body, out);
  return out;
}

function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
    else if (node.nodeType === Node.ELEMENT_NODE) element(node, to);
  }
}

function element(node, to) {
  if (HEADING.test(node.tagName)) {
    const heading = document.createElement("p"); // the page's own headings stay the only ones
    heading.className = "heading";
    copy(node, heading);
    to.append(heading);
    return;
  }
  if (!TAGS.has(node.tagName)) {
    copy(node, to);
    return;
  }
  const twin = document.createElement(node.tagName);
  if (/^[a-z][a-z0-9 _-]*$/.test(node.className)) twin.className = `${node.className}`;
  if (node.tagName === "A") {
    const address = safeAddress(node.getAttribute("href"));
    if (address) twin.href = address;
    outward(twin);
  }
  if (node.tagName === "IMG") {
    if (!isLocal(node.getAttribute("src"))) return;
    twin.src = node.getAttribute("src");
    twin.alt = node.getAttribute("alt") ?? "";
  }
  if (/spoiler/i.test(node.tagName + node.className)) {
    twin.classList.add("spoiler");
    twin.tabIndex = 0;
  }
  copy(node, twin);
  to.append(twin);
}

export function outward(link) {
  link.target = "_blank";
  link.rel = "noopener noreferrer";
}

export function safeAddress(address) {
  try {
    const url = new URL(address, location.href);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

// Pictures and films are shown only when this machine serves them; an outside one stays a link the person may follow.
export function isLocal(address) {
  try {
    const url = new URL(address, location.href);
    return url.protocol === "data:" || (url.protocol === "http:" && ["127.0.0.1", "localhost"].includes(url.hostname));
  } catch {
    return false;
  }
}

export function telegramLink(address) {
  try {
    const url = new URL(address, location.href);
    return ["t.me", "telegram.me"].includes(url.hostname) ? url : null;
  } catch {
    return null;
  }
}
