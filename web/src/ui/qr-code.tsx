import type { JSX } from 'preact';
import { encode } from 'uqr';

/** White around the code, in modules: readers need four to find it (ISO/IEC 18004). */
const QUIET = 4;

/** The dark modules as one outline: a rectangle for each run of a row. */
export const qrPath = (modules: readonly (readonly boolean[])[]): string =>
  modules
    .flatMap((row, y) =>
      [
        ...row
          .map((dark) => (dark ? '#' : ' '))
          .join('')
          .matchAll(/#+/g),
      ].map(({ index, 0: run }) => `M${index} ${y}h${run.length}v1h-${run.length}z`),
    )
    .join('');

/** A text for cameras. Drawn as elements, never as markup, and dark on white in both themes: not every reader inverts. */
export const QrCode = (props: { readonly text: string; readonly label: string }): JSX.Element => {
  const { size, data } = encode(props.text, { ecc: 'M', border: QUIET });
  return (
    <svg
      class="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={props.label}
      shape-rendering="crispEdges"
    >
      <rect class="qr-paper" width={size} height={size} />
      <path class="qr-ink" d={qrPath(data)} />
    </svg>
  );
};
