import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isDrawnInto, withFirst, withStyles } from '../../src/http/page-text.ts';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <title>Live results</title>
    <script type="module" crossorigin src="/assets/a.js"></script>
    <link rel="stylesheet" crossorigin href="/assets/a.css">
    <link rel="stylesheet" crossorigin href="/assets/b.css">
  </head>
  <body><div id="page"></div></body>
</html>`;

describe('the styles of a page', () => {
  it('are in it as one text, whose hash the policy can name', () => {
    const { text, styleHash } = withStyles(PAGE, (href) => `.of{content:"${href}"}$&`);
    const [, styles = ''] = /<style>(.*?)<\/style>/s.exec(text) ?? [];
    expect(styles).toBe('.of{content:"/assets/a.css"}$&.of{content:"/assets/b.css"}$&');
    expect(styleHash).toBe(createHash('sha256').update(styles).digest('base64'));
    expect(text).not.toContain('stylesheet');
    expect(text).toContain('<script type="module" crossorigin src="/assets/a.js"></script>');
  });

  it.each([
    ['one is not at hand', PAGE, (href: string) => (href.endsWith('b.css') ? null : 'a{}')],
    ['one would end the element', PAGE, () => 'a{content:"</STYLE><script>"}'],
    ['one names another', PAGE, () => '@import "/other.css";'],
    ['it names none', '<p>index</p>', () => 'a{}'],
  ])('stay where they lie when %s', (_why, page, styleOf) => {
    expect(withStyles(page, styleOf)).toEqual({ text: page, styleHash: null });
  });
});

describe('what a page shows first', () => {
  const drawn = { language: 'de', title: 'A & B </title><b>"1" $& $1', html: '<p>rows $&</p>' };

  it('stands where the page is drawn, with its data behind it, its title and its language', () => {
    const text = withFirst(PAGE, '{"a":"$& </script><b>"}', drawn);
    expect(text).toContain('<div id="page"><p>rows $&</p></div><script type="application/json" id="first-rows">');
    expect(text).toContain('<html lang="de">');
    expect(text).toContain('<title>A &amp; B &lt;/title&gt;&lt;b&gt;&quot;1&quot; $&amp; $1</title>');
    const [, json = ''] = /id="first-rows">(.*?)<\/script>/s.exec(text) ?? [];
    expect(JSON.parse(json)).toEqual({ a: '$& </script><b>' });
    expect(json).not.toContain('<');
  });

  it('asks for the words of its language at once', () => {
    const head = '<link rel="modulepreload" crossorigin href="/assets/words-de-12345678.js">\n</head>';
    expect(withFirst(PAGE, '{}', drawn, '/assets/words-de-12345678.js')).toContain(head);
    expect(withFirst(PAGE, '{}', drawn)).not.toContain('modulepreload');
  });

  it('is data alone where nothing was drawn', () => {
    const text = withFirst(PAGE, '{}', null);
    expect(text).toBe(
      PAGE.replace(
        '<div id="page"></div>',
        '<div id="page"></div><script type="application/json" id="first-rows">{}</script>',
      ),
    );
    expect([isDrawnInto(PAGE), isDrawnInto('<p>index</p>')]).toEqual([true, false]);
  });
});
