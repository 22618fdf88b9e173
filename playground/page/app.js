// Puts the page together: hears what changed, keeps who sits where, and shows it.

import * as api from "./api.js";
import { clockDay, el, icon, stored, time, zone } from "./dom.js";
import { catchLinks } from "./links.js";
import { listen } from "./live.js";
import { closeMenu } from "./menu.js";
import { tell } from "./notices.js";
import { showOutside } from "./outside.js";
import { makePane, MESSENGERS } from "./pane.js";
import { showStory } from "./story.js";

const WIDE = 1280; // pixels from which on a drawer stands beside the panes, as in page.css
const LAYOUT = "playground.layout";
const find = (id) => document.getElementById(id);
const seats = new Map();
const panes = [];
let outside = { extras: [], invitations: [] };
let layout = [];

listen(hear, (connected) => {
  find("offline").hidden = connected;
  document.body.classList.toggle("is-offline", !connected);
});
catchLinks(telegramSeats, goTo);

function hear(news) {
  showClock(new Date(news.clock));
  const before = outside;
  if (news.extras) outside = { extras: news.extras, invitations: news.invitations };
  for (const seat of news.seats) seats.set(seat.key, { ...seat, commands: seat.commands.map(slashed) });
  if (news.panes) layOut(news);
  if (news.extras) showOutside(outside, telegramSeats, goTo);
  const changed = new Set(news.seats.map(({ key }) => key));
  panes.forEach((pane, at) => {
    if (pane.key !== layout[at] || changed.has(layout[at]) || before !== outside) show(at);
  });
  if (news.story && !news.story.length) drawer("story", false);
  if (news.story) showStory(news.story, new Map([...seats.values()].map((each) => [each.key, `${each.name} in ${MESSENGERS[each.messenger]}`])), goTo, () => find("outside-toggle").click());
}

const slashed = ([command, about]) => [command.startsWith("/") ? command : `/${command}`, about];

function telegramSeats() {
  return [...seats.values()].filter((each) => each.links);
}

function showClock(now) {
  find("clock-date").textContent = clockDay(now);
  find("clock-year").textContent = ` ${now.getFullYear()}`;
  find("clock-time").textContent = time(now);
  find("clock-zone").textContent = zone(now);
}

// Who sits where

function layOut(news) {
  find("title").textContent = news.title;
  document.title = `${news.title} playground`;
  find("preview").hidden = !news.preview;
  for (const key of [...seats.keys()]) if (!news.seats.some((each) => each.key === key)) seats.delete(key);
  const kept = stored.get(LAYOUT, []);
  const fits = kept.length === news.panes.length && kept.every((key) => seats.has(key)) && new Set(kept).size === kept.length;
  layout = fits ? kept : [...news.panes];
  while (panes.length < layout.length) {
    const at = panes.length;
    panes.push(makePane(at, (key) => sit(at, key)));
    find("panes").append(panes[at].root);
    watch(panes[at].root);
  }
  while (panes.length > layout.length) panes.pop().root.remove();
}

function sit(at, key) {
  const other = layout.indexOf(key);
  if (other >= 0) layout[other] = layout[at]; // two panes never show one person: they change places
  layout[at] = key;
  stored.set(LAYOUT, layout);
  panes.forEach((_, each) => show(each));
}

function show(at) {
  const view = seats.get(layout[at]);
  panes[at].update(view, outside.invitations.find(({ seat }) => seat === view.key));
  panes[at].offer([...seats.values()], view.key);
  showTabs();
}

function goTo(key) {
  if (innerWidth < WIDE) drawer("story", false); // there it lies over the panes
  if (!layout.includes(key)) sit(Math.max(0, layout.findIndex((each) => seats.get(each).messenger === seats.get(key).messenger)), key);
  const root = panes[layout.indexOf(key)].root;
  root.scrollIntoView({ inline: "start", block: "nearest" });
  (root.querySelector(".tg-start:not([hidden])") ?? root.querySelector("[role=log]"))?.focus({ preventScroll: true });
}

// On a narrow screen the panes lie side by side, one at a time, and tabs say whose turn it is.

const visible = new Set();
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) visible[entry.isIntersecting ? "add" : "delete"](entry.target.id);
  showTabs();
}, { root: find("panes"), threshold: 0.6 });
const watch = (root) => watcher.observe(root);

function showTabs() {
  const nav = find("tabs");
  layout.forEach((key, at) => {
    const view = seats.get(key);
    const tab = nav.children[at] ?? nav.appendChild(el("button", { type: "button", on: { click: () => panes[at].root.scrollIntoView({ inline: "start", block: "nearest" }) } }));
    const signature = `${key} ${view.name}`;
    if (tab.dataset.shows !== signature) {
      const [first, ...rest] = view.name.split(" "); // three whole names do not fit on a phone
      tab.replaceChildren(icon(view.messenger), el("span", { text: first }), el("span", { class: "hidden", text: ` ${rest.join(" ")} in ${MESSENGERS[view.messenger]}` }));
    }
    tab.dataset.shows = signature;
    if (visible.has(`pane-${at}`)) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  });
  while (nav.children.length > layout.length) nav.lastChild.remove();
}

// The bar

for (const button of document.querySelectorAll("[data-turn]")) {
  button.addEventListener("click", async () => {
    const turned = await api.turnClock(button.dataset.turn);
    if (turned === null) return;
    const now = new Date(turned.clock);
    tell(`The clock now shows ${clockDay(now)}, ${time(now)} ${zone(now)}.`);
  });
}

function drawer(id, open) {
  for (const each of ["outside", "story"]) {
    const now = each === id && open;
    find(each).hidden = !now;
    find(`${each}-toggle`).setAttribute("aria-expanded", String(now));
  }
}

for (const id of ["outside", "story"]) {
  const shut = () => {
    drawer(id, false);
    stored.set("playground.guide", false);
    find(`${id}-toggle`).focus();
  };
  find(`${id}-toggle`).addEventListener("click", () => {
    const open = find(id).hidden;
    drawer(id, open);
    if (id === "story") stored.set("playground.guide", open);
    if (open) find(id).querySelector("button, input, select").focus();
  });
  find(id).querySelector("[data-close]").addEventListener("click", shut);
  find(id).addEventListener("keydown", (event) => { if (event.key === "Escape") shut(); });
}
if (innerWidth >= WIDE && stored.get("playground.guide", true)) drawer("story", true);
window.addEventListener("scroll", () => closeMenu(false), { passive: true });
