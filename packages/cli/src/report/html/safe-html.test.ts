import { describe, expect, it } from 'vitest';
import { html } from './safe-html.js';

describe('markup with values', () => {
  it('has values as text, in elements and in attributes', () => {
    const value = `<b a="1" c='2'>&`;
    expect(html`<p title="${value}">${value}</p>`.toString()).toBe(
      '<p title="&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;">&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;</p>',
    );
  });

  it('keeps what is markup already, in lists too', () => {
    const items = ['a', '<'].map((text) => html`<li>${text}</li>`);
    expect(html`<ul>${items}</ul>`.toString()).toBe('<ul><li>a</li><li>&lt;</li></ul>');
  });

  it('shows characters that steer the direction of text or end it', () => {
    expect(html`${'a\u202eb\u0000'}`.toString()).toBe(String.raw`a\u202eb\u0000`);
  });

  it('takes no object for markup that only looks like it', () => {
    const forged = { toString: () => '<script>' };
    // @ts-expect-error: no value of a template can be of this type.
    expect(() => html`${forged}`.toString()).toThrow(TypeError);
  });
});
