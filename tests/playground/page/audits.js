// What the tests look for on the page as it stands. One function, so that a test can evaluate it.
() => {
  const visible = (node) => node.checkVisibility({ opacityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)];

  // Things one can reach or that have a role, and no name a screen reader could say.
  function nameless() {
    const says = (node) => [
      node.getAttribute("aria-label"),
      ...(node.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent),
      ...[...(node.labels ?? [])].map((label) => label.textContent),
      ...[...node.querySelectorAll("img")].map((image) => image.alt),
      ["SELECT", "INPUT", "TEXTAREA"].includes(node.tagName) ? "" : node.textContent,
    ].some((words) => words?.trim());
    return all("button, a[href], input, select, textarea, [role], [tabindex]")
      .filter((node) => node.checkVisibility() && !node.closest("[aria-hidden=true]") && node.id !== "panes")
      .filter((node) => !["status", "alert", "listbox"].includes(node.getAttribute("role")))
      .filter((node) => !says(node))
      .map((node) => node.outerHTML.slice(0, 120));
  }

  const headings = () => all("h1, h2, h3, h4, h5, h6").filter((node) => node.checkVisibility()).map((node) => Number(node.tagName[1]));

  // Text that does not stand out from what lies behind it, half-transparent layers and gradients included (WCAG 1.4.3).
  function pale() {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const white = [255, 255, 255];
    const colour = (css) => {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = css;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], ground) => [r, g, b].map((each, at) => each * a + ground[at] * (1 - a));
    const grounds = (node) => {
      if (!node) return [white];
      const style = getComputedStyle(node);
      const stops = style.backgroundImage.match(/(rgba?|color)\([^)]*\)/g);
      if (style.backgroundImage.includes("gradient") && stops) return stops.map((stop) => over(colour(stop), white));
      const own = colour(style.backgroundColor);
      return own[3] === 1 ? [own.slice(0, 3)] : grounds(node.parentElement).map((ground) => over(own, ground));
    };
    const linear = (each) => (each / 255 <= 0.03928 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const ratio = (one, two) => (Math.max(light(one), light(two)) + 0.05) / (Math.min(light(one), light(two)) + 0.05);
    const found = [];
    for (const node of all("body *")) {
      const words = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
      if (!words || !visible(node) || node.closest(".hidden, .skip, svg, option, noscript, [inert]")) continue;
      const style = getComputedStyle(node);
      const size = parseFloat(style.fontSize);
      const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
      for (const ground of grounds(node)) {
        const is = ratio(over(colour(style.color), ground), ground);
        if (is < needed) found.push(`${is.toFixed(2)} .${node.className} ${node.textContent.slice(0, 40)}`);
      }
    }
    return found;
  }

  // What makes a screen scroll sideways.
  function wide() {
    const root = document.documentElement;
    const page = root.scrollWidth > root.clientWidth ? [`the page is ${root.scrollWidth} wide`] : [];
    const boxes = all(".pane, .bar, .clock, .tabs, .log, .composer, .modal, .drawer")
      .filter((node) => node.checkVisibility() && node.scrollWidth - node.clientWidth > 1);
    return [...page, ...boxes.map((node) => `${node.id}.${node.className} ${node.scrollWidth} in ${node.clientWidth}`)];
  }

  return { nameless: nameless(), headings: headings(), pale: pale(), wide: wide() };
}
