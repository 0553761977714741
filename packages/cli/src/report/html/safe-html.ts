import { showControls } from '@shardmill/core';

/** Markup that is safe to be put into a page as it is: only `html` makes it. */
export class SafeHtml {
  /** Hidden, so that no other object is taken for one. */
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Of a template whose values are escaped. */
  static fromTemplate(strings: TemplateStringsArray, values: readonly HtmlValue[]): SafeHtml {
    let text = strings[0] ?? '';
    for (const [index, value] of values.entries()) text += toMarkup(value) + strings[index + 1];
    return new SafeHtml(text);
  }

  toString(): string {
    return this.#text;
  }
}

export type HtmlValue = SafeHtml | string | number | readonly HtmlValue[];

/**
 * Markup with values: what is not markup itself is text, and escaped, in elements and in attributes
 * (which are to be written in double quotes).
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): SafeHtml {
  return SafeHtml.fromTemplate(strings, values);
}

/** Nothing. */
export const NOTHING: SafeHtml = html``;

function toMarkup(value: HtmlValue): string {
  if (value instanceof SafeHtml) return value.toString();
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value.map(toMarkup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return showControls(text).replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? found);
}
