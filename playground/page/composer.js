// Where a person writes: Enter sends, Shift+Enter breaks the line, "/" offers the bot's commands, files go along.

import * as api from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { openMenu } from "./menu.js";
import { samplePhoto, sampleVoice } from "./samples.js";

const drafts = new Map();
let made = 0;

// `look`: {attach: icon name}. `setTarget` tells whose words these are, where they go and which commands there are.
export function makeComposer(look) {
  const listId = `suggestions-${(made += 1)}`;
  let target = null;
  let replyTo = null;
  let choice = 0;

  const input = el("textarea", {
    rows: "1", dir: "auto", autocomplete: "off", "aria-haspopup": "listbox", "aria-controls": listId,
    "aria-autocomplete": "list", enterkeyhint: "send",
    on: { input: typed, keydown: pressed, paste: pasted, blur: () => suggest([]) },
  });
  const picker = el("input", { type: "file", class: "hidden", tabindex: "-1", "aria-hidden": "true", on: { change: picked } });
  const send = el("button", { type: "submit", class: "round send", "aria-label": "Send", title: "Send" }, icon("send"));
  const attach = iconButton(look.attach, "Attach", ({ currentTarget }) => openMenu(currentTarget, "Attach", [
    { label: "Photo or file…", act: () => picker.click() },
    { label: "A sample photo", act: async () => give(await samplePhoto()) },
    { label: "A sample voice message", act: async () => give(await sampleVoice()) },
  ]), { "aria-haspopup": "menu", "aria-expanded": "false" });
  const quoted = el("div", { class: "quoted", hidden: true });
  const list = el("div", { class: "suggestions", role: "listbox", id: listId, "aria-label": "Commands", hidden: true });
  const extra = el("span", { class: "composer-extra" });
  const root = el("form", { class: "composer", on: { submit: (event) => { event.preventDefault(); sendWords(); } } },
    list, quoted, el("div", { class: "composer-line" }, extra, attach, input, send), picker);

  function setTarget(next) {
    const slot = `${next.seat} ${next.conversation}`;
    if (slot !== target?.slot) {
      input.value = drafts.get(slot) ?? "";
      reply(null);
    }
    target = { ...next, slot };
    input.placeholder = next.placeholder;
    input.setAttribute("aria-label", next.label);
    grow();
  }

  function reply(message) {
    replyTo = message?.id ?? null;
    quoted.hidden = !message;
    quoted.replaceChildren();
    if (!message) return;
    quoted.append(icon("reply"), el("span", { text: `${message.author}: ${message.text}` }),
      iconButton("close", "Do not reply to it", () => { reply(null); input.focus(); }));
    input.focus();
  }

  async function sendWords() {
    const words = input.value;
    if (!words.trim()) return input.focus();
    const [to, answer] = [target, replyTo];
    input.value = "";
    typed();
    reply(null);
    if (await api.say(to.seat, words, to.conversation, answer ?? "") === null && !input.value) {
      input.value = words; // it was refused: the words are not lost
      typed();
    }
  }

  async function give(file) {
    const words = input.value;
    const to = target;
    input.value = "";
    typed();
    await api.share(to.seat, file, to.conversation, words);
    input.focus();
  }

  function picked() {
    const [file] = picker.files;
    picker.value = "";
    if (file) give(file);
  }

  function pasted(event) {
    const [file] = event.clipboardData.files;
    if (!file) return;
    event.preventDefault();
    give(file);
  }

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 140)}px`;
  }

  function typed() {
    drafts.set(target.slot, input.value);
    grow();
    const start = input.value.toLowerCase();
    choice = 0;
    suggest(/^\/\S*$/.test(start) ? target.commands.filter(([command]) => command.toLowerCase().startsWith(start) && command.toLowerCase() !== start) : []);
  }

  function suggest(commands) {
    list.hidden = !commands.length;
    list.replaceChildren(...commands.map(([command, about], at) => el("div", {
      role: "option", id: `${listId}-${at}`, class: "suggestion",
      on: { pointerdown: (event) => { event.preventDefault(); complete(command); } },
    }, el("b", { text: command }), el("span", { text: about }))));
    mark();
  }

  function mark() {
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === choice)));
    list.children[choice]?.scrollIntoView({ block: "nearest" });
    if (list.hidden) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${listId}-${choice}`);
  }

  function complete(command) {
    input.value = `${command} `;
    typed();
  }

  function pressed(event) {
    if (event.isComposing) return;
    if (!list.hidden) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) choice = (choice + step + list.children.length) % list.children.length;
      else if (event.key === "Tab" && !event.shiftKey) complete(list.children[choice].firstChild.textContent);
      else if (event.key === "Escape") suggest([]);
      else if (event.key === "Enter") return enterOnSuggestion(event);
      else return;
      event.preventDefault();
      if (step) mark();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      sendWords();
    } else if (event.key === "Escape" && replyTo) reply(null);
  }

  function enterOnSuggestion(event) {
    event.preventDefault();
    complete(list.children[choice].firstChild.textContent);
  }

  return { root, input, extra, setTarget, reply };
}
