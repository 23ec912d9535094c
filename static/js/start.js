// Stands in the page itself and fetches the others when the first picture stands: text, and the server's own bars.
// Whatever is fetched or run earlier takes its time from that picture.
{
  const { page, charts } = document.currentScript.dataset;
  const begin = () => {
    import(page);
    import(charts);
  };
  new PerformanceObserver((paints) => {
    if (paints.getEntriesByName("first-contentful-paint").length) begin();
  }).observe({ type: "paint", buffered: true });
  // Where a browser does not tell of its paints. What is there already is not fetched again.
  addEventListener("load", () => setTimeout(begin, 2000));
}
