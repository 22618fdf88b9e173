// Keeps the preview up to date: shows what was chosen at once, and everything again after each save. Without it the
// form's button does the same.

const form = document.getElementById("wish");
const offline = document.getElementById("offline");
document.body.classList.add("live");

const chosen = () => {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) query.set(name, value);
  return query;
};

let asked = 0;
async function show() {
  const turn = ++asked;
  try {
    const answer = await fetch(`/preview?${chosen()}`);
    if (!answer.ok) throw new Error(await answer.text());
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== asked) return;
    offer(fresh.getElementById("wish"));
    swap(fresh.getElementById("cards"), fresh.getElementById("alarm"));
    offline.hidden = true;
  } catch {
    if (turn === asked) offline.hidden = false;
  }
}

// A save may bring a file, a language or a person; what is chosen stays chosen.
function offer(fresh) {
  for (const select of form.querySelectorAll("select")) {
    const now = fresh.querySelector(`[name="${select.name}"]`);
    const offers = (one) => [...one.options].map(({ value, text }) => `${value} ${text}`).join("\n");
    if (offers(now) === offers(select)) continue;
    const { value } = select;
    select.replaceChildren(...now.childNodes);
    if ([...select.options].some((each) => each.value === value)) select.value = value;
  }
}

// Only the cards that changed are replaced, so that the place one is reading stays where it is.
function swap(fresh, alarm) {
  const main = document.getElementById("cards");
  const known = new Map([...main.querySelectorAll(".pv-row")].map((row) => [row.id, row]));
  const bar = form.getBoundingClientRect();
  // At the top of the page one reads nothing yet: what comes there, as problems do, is to be seen.
  const anchor = scrollY > 0 ? [...known.values()].find((row) => row.getBoundingClientRect().bottom > bar.bottom) : null;
  const before = anchor?.getBoundingClientRect().top;
  for (const row of fresh.querySelectorAll(".pv-row")) {
    const old = known.get(row.id);
    if (old?.outerHTML === row.outerHTML) row.replaceWith(old);
    else if (old) row.classList.add("changed");
  }
  const held = main.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  document.getElementById("alarm").replaceWith(alarm);
  main.replaceChildren(...fresh.childNodes);
  if (held) main.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  const there = anchor && document.getElementById(anchor.id);
  if (there) scrollBy({ top: there.getBoundingClientRect().top - before, behavior: "instant" });
  tell(main);
}

const said = document.createElement("p");
said.className = "hidden";
said.setAttribute("role", "status");
document.body.append(said);

function tell(main) {
  const troubles = main.querySelectorAll(".pv-troubles li").length;
  const changed = main.querySelectorAll(".pv-row.changed").length;
  said.textContent = troubles ? `${troubles === 1 ? "1 problem" : `${troubles} problems`} in the files.`
    : changed ? `${changed === 1 ? "1 card" : `${changed} cards`} changed.` : "";
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", (event) => {
  history.replaceState(null, "", `?${chosen()}`);
  if (event.target.name === "in") document.body.dataset.in = event.target.value;
  else show();
});

const kept = [...form.elements.in].find(({ value }) => value === new URLSearchParams(location.search).get("in"));
if (kept) {
  kept.checked = true;
  document.body.dataset.in = kept.value;
}

const saves = new EventSource("/preview/saves"); // its first word comes at once: something may have been saved since
saves.addEventListener("saved", show);
saves.addEventListener("error", () => { offline.hidden = false; });
saves.addEventListener("open", () => { offline.hidden = true; });
