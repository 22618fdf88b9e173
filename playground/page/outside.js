// Things that happen outside both messengers: what the demo offers to set off, and links people were sent.

import * as api from "./api.js";
import { el } from "./dom.js";
import { offerLink } from "./links.js";
import { tell } from "./notices.js";

let shown = "";

export function showOutside({ extras, invitations }, seats, opened) {
  const signature = JSON.stringify([extras, invitations]);
  document.getElementById("outside-toggle").hidden = !extras.length && !invitations.length;
  if (signature === shown) return;
  shown = signature;
  const held = document.activeElement?.dataset?.extra;
  const chosen = new Map([...document.querySelectorAll("#outside-list select")].map((each) => [each.dataset.for, each.value]));
  const groups = Map.groupBy ? Map.groupBy(extras, ({ group }) => group) : grouped(extras);
  const list = document.getElementById("outside-list");
  list.replaceChildren(
    ...[...groups].map(([group, members]) => el("section", { class: "extras" }, el("h3", { text: group }), members.map((each) => makeExtra(each, chosen.get(each.key))))),
    ...(invitations.length ? [el("section", { class: "extras" }, el("h3", { text: "Links people were sent" }), invitations.map((each) => makeInvitation(each, seats, opened)))] : []));
  if (held) list.querySelector(`[data-extra="${CSS.escape(held)}"]`)?.focus();
}

function grouped(extras) {
  const groups = new Map();
  for (const each of extras) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  return groups;
}

function makeExtra(extra, value) {
  const isSwitch = extra.on !== null;
  const id = `extra-${extra.key}`;
  const select = extra.choices.length && !isSwitch
    ? el("select", { "aria-label": `${extra.label}: which`, "data-for": extra.key }, extra.choices.map(([each, label]) => el("option", { value: each, text: label })))
    : null;
  if (select && value !== undefined) select.value = value;
  const press = async ({ currentTarget: node }) => {
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    const answer = await api.runExtra(extra.key, isSwitch ? (extra.on ? "off" : "on") : select?.value ?? "");
    node.removeAttribute("aria-busy");
    if (answer?.said) tell(answer.said);
    else if (answer && !isSwitch) tell(`Done: ${extra.label}`);
  };
  const hint = extra.hint ? el("p", { class: "hint", id: `${id}-hint`, text: extra.hint }) : null;
  const said = { type: "button", "data-extra": extra.key, "aria-describedby": hint ? `${id}-hint` : null, on: { click: press } };
  const button = isSwitch
    ? el("button", { ...said, class: "switch", role: "switch", "aria-checked": String(extra.on) }, el("span", { text: extra.label }), el("span", { class: "switch-track", "aria-hidden": "true" }))
    : el("button", { ...said, class: "do", text: extra.label });
  return el("div", { class: "extra" }, select, button, hint);
}

function makeInvitation(invitation, seats, opened) {
  return el("div", { class: "extra" }, el("button", {
    type: "button", class: "do", "aria-haspopup": "menu", "aria-expanded": "false",
    on: { click: ({ currentTarget }) => offerLink(currentTarget, invitation.url, seats(), opened) },
  }, `${invitation.label}: open as…`), el("p", { class: "hint url", text: invitation.url }));
}
