import { html, SafeHtml, type HtmlValue } from './safe-html.js';
import { STYLES } from './styles.js';

export interface Page {
  readonly title: string;
  readonly header: HtmlValue;
  readonly sections: readonly Section[];
  readonly footer: HtmlValue;
}

export interface Section {
  /** Unique in the page; letters and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly content: HtmlValue;
}

/**
 * One file that needs nothing else: the policy in its head forbids the browser to run or fetch
 * anything, whatever a value of the data may hold.
 */
export function renderPage({ title, header, sections, footer }: Page): string {
  const markup = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${styles()}</style>
</head>
<body>
<header>${header}
<nav aria-label="Sections"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
<main>${sections.map(
    ({ id, title: name, content }) => html`
<section aria-labelledby="${id}"><h2 id="${id}">${name}</h2>
${content}
</section>`,
  )}
</main>
<footer>${footer}</footer>
</body>
</html>
`;
  return markup.toString();
}

/** A constant of this program, in which nothing is to be escaped. */
function styles(): SafeHtml {
  const text = Object.assign([STYLES], { raw: [STYLES] });
  return SafeHtml.fromTemplate(text, []);
}
