// Stands in the page itself and fetches the others when the first picture stands: text, and the server's own bars.
// Whatever is fetched or run earlier takes its time from that picture.
{
  const { page, charts } = document.currentScript.dataset;
  // When they cannot be had, menus and long fields become what they are for readers without scripts.
  const plain = () => {
    for (const text of document.querySelectorAll("noscript.later")) {
      text.parentElement.querySelector("select.needs-scripts")?.remove();
      text.outerHTML = text.textContent;
    }
  };
  const begin = () => {
    import(page).catch(plain);
    import(charts);
  };
  new PerformanceObserver((paints) => {
    if (paints.getEntriesByName("first-contentful-paint").length) begin();
  }).observe({ type: "paint", buffered: true });
  // Where a browser does not tell of its paints. What is there already is not fetched again.
  addEventListener("load", () => setTimeout(begin, 2000));
}
