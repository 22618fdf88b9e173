// "How to try this": steps to follow, ticked off by whoever follows them.

import { el, stored } from "./dom.js";

const KEY = "playground.story";

export function showStory(steps, people, go, outside) {
  document.getElementById("story-toggle").hidden = !steps.length;
  const done = new Set(stored.get(KEY, []));
  const count = document.getElementById("story-count");
  const tally = () => { count.textContent = `${steps.filter(({ title }) => done.has(title)).length} of ${steps.length} tried. Tick off yourself what you have seen.`; };
  document.getElementById("story-list").replaceChildren(...steps.map((step, at) => {
    const id = `step-${at}`;
    const tick = el("input", { type: "checkbox", id, on: { change: () => {
      if (tick.checked) done.add(step.title);
      else done.delete(step.title);
      stored.set(KEY, [...done]);
      tally();
    } } });
    tick.checked = done.has(step.title);
    const person = people.get(step.seat);
    return el("li", {}, tick, el("div", {}, el("label", { for: id, text: step.title }), el("p", { text: step.words }),
      person ? el("button", { type: "button", class: "go", text: `Go to ${person}`, on: { click: () => go(step.seat) } }) : null,
      step.outside ? el("button", { type: "button", class: "go", text: "Open Outside world", on: { click: outside } }) : null));
  }));
  tally();
}
