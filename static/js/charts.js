// Draws figures when they come into view. The data stand in the page; Plotly is fetched only then.
const plotlyAddress = document.querySelector("script[data-plotly]").dataset.plotly;
const config = {
  displaylogo: false,
  displayModeBar: false,
  responsive: true,
  showSendToCloud: false,
  plotlyServerURL: "",
  scrollZoom: false,
  doubleClick: false,
};
const drawn = new Set();
const [paperWidth, paperHeight] = [680, 860]; // A4 between its margins, less a title and a caption
let onPaper = false;
let loading;

// The full bundle writes MapLibre's styles into the page unless an element with this id says that they are there;
// the Content-Security-Policy forbids that, and no chart of ours needs them.
const mapLibreStyles = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";

function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const present = document.createElement("meta");
    present.id = mapLibreStyles;
    document.head.append(present);
    const element = document.createElement("script");
    element.src = plotlyAddress;
    element.onload = () => resolve(window.Plotly);
    element.onerror = () => reject(new Error(`${plotlyAddress} did not load`));
    document.head.append(element);
  });
  return loading;
}

// Figures name the style sheet's custom properties; what those are now depends on theme and contrast.
function themed(value, styles) {
  if (typeof value === "string" && value.startsWith("var(--")) {
    return styles.getPropertyValue(value.slice(4, -1)).trim();
  }
  if (Array.isArray(value)) return value.map((item) => themed(item, styles));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, themed(item, styles)]));
  }
  return value;
}

// Simulated figures say so across the chart itself, and so in its picture.
function marked(figure) {
  const mark = document.body.dataset.mark;
  if (!mark) return figure;
  const across = {
    text: mark, showarrow: false, xref: "paper", yref: "paper", x: 0.5, y: 0.5, textangle: -18, opacity: 0.35,
    font: { size: 44, color: "var(--warn-ink)" },
  };
  return { ...figure, layout: { ...figure.layout, annotations: [...(figure.layout.annotations ?? []), across] } };
}

// In the page, or, where a figure is too large for that, at an address of this host.
const fetched = new Map();
async function figureOf(canvas) {
  const { figure, address } = canvas.dataset;
  if (address && !fetched.has(address)) fetched.set(address, await (await fetch(address)).json());
  const data = address ? fetched.get(address) : JSON.parse(document.getElementById(figure).textContent);
  return themed(marked(data), getComputedStyle(document.documentElement));
}

async function draw(canvas) {
  const Plotly = await loadPlotly();
  const { data, layout } = await figureOf(canvas);
  if (!drawn.has(canvas)) canvas.replaceChildren();
  // What keeps its proportions needs no more height than a narrow screen's width gives it.
  if (layout.yaxis?.scaleanchor) layout.height = Math.min(layout.height, Math.round(1.35 * canvas.clientWidth));
  const onItsPage = { ...layout, width: paperWidth, height: Math.min(layout.height ?? 400, paperHeight) };
  await Plotly.react(canvas, data, onPaper ? onItsPage : layout, config);
  drawn.add(canvas);
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      draw(entry.target).catch((error) => console.warn(error));
    }
  },
  { rootMargin: "240px" },
);

// What a page starts with, and what htmx puts in its place later.
export function watch(root) {
  for (const canvas of root.querySelectorAll(".canvas[id]")) seen.observe(canvas);
  for (const button of root.querySelectorAll("button[data-download]")) button.hidden = false;
}

// Before the page's content is another's.
export function forget() {
  for (const canvas of drawn) window.Plotly?.purge(canvas);
  drawn.clear();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const canvas of drawn) draw(canvas);
});

// A chart follows its box by itself, but keeps the room that its legend took at the width before.
let resizing;
addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => {
    if (!onPaper) for (const canvas of drawn) draw(canvas);
  }, 250);
});

// On paper everything is drawn, in the light look.
addEventListener("beforeprint", () => {
  onPaper = true;
  document.documentElement.dataset.look = document.documentElement.className;
  document.documentElement.classList.remove("theme-dark");
  document.documentElement.classList.add("theme-light");
  for (const canvas of window.Plotly ? document.querySelectorAll(".canvas[id]") : []) draw(canvas);
});
// Our own button waits until all is drawn.
export async function printWhole() {
  await Promise.allSettled([...document.querySelectorAll(".canvas[id]")].map(draw));
  print();
}
addEventListener("afterprint", () => {
  onPaper = false;
  document.documentElement.className = document.documentElement.dataset.look;
  for (const canvas of drawn) draw(canvas);
});

// A picture leaves the page with its title and its source in it.
function forSending({ data, layout }, button) {
  const styles = getComputedStyle(document.documentElement);
  const margin = { ...layout.margin, t: (layout.margin?.t ?? 16) + 48, b: (layout.margin?.b ?? 40) + 40 };
  const source = {
    text: button.dataset.source, showarrow: false, xref: "paper", yref: "paper", x: 0, y: 0, yanchor: "top", xanchor: "left",
    yshift: 30 - margin.b, font: { size: 11 },
  };
  return {
    data,
    layout: {
      ...layout, margin, width: 1200, height: (layout.height ?? 400) + 88,
      title: { text: button.dataset.title, x: 0.02, xanchor: "left", y: 0.97, yanchor: "top", font: { size: 18 } },
      annotations: [...(layout.annotations ?? []), source],
      paper_bgcolor: styles.getPropertyValue("--paper").trim(),
    },
  };
}

async function download(button) {
  const Plotly = await loadPlotly();
  const picture = forSending(await figureOf(document.getElementById(button.dataset.canvas)), button);
  const format = button.dataset.download;
  await Plotly.downloadImage(picture, {
    format, filename: button.dataset.name, width: picture.layout.width, height: picture.layout.height,
    scale: format === "png" ? 2 : 1,
  });
}
addEventListener("click", ({ target }) => {
  const button = target.closest?.("button[data-download]");
  if (button) download(button);
});
