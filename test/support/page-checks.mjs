// Runs in a page: looks at what a person would see of it.
globalThis.pageChecks = { overflowing, emptyDrawings, violations };

/** Elements that reach beyond the right edge. */
function overflowing() {
  const width = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll('body *')].filter(
    (element) => element.getBoundingClientRect().right > width + 0.5,
  );
  const scrolls = document.documentElement.scrollWidth > width;
  return [
    ...(scrolls ? ['the page'] : []),
    ...wide.map(({ outerHTML }) => outerHTML.slice(0, 100)),
  ];
}

/** Charts without a shape that can be seen; the bar in a cell of a table may be of nothing. */
function emptyDrawings() {
  const isSeen = (shape) => {
    const { width, height } = shape.getBoundingClientRect();
    return width > 0 && height > 0;
  };
  return [...document.querySelectorAll('svg.chart[role="img"]')]
    .filter((chart) => ![...chart.querySelectorAll('.bar, .line, .area')].some(isSeen))
    .map(({ outerHTML }) => outerHTML.slice(0, 100));
}

/** What axe finds wrong, by its rules for WCAG and its best practices; it has to be there. */
async function violations() {
  const found = await globalThis.axe.run();
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 100)}`),
  );
}
