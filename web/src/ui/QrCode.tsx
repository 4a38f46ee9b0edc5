import { useMemo } from "react";
import { encode } from "uqr";

/** Light modules around a code, without which it is not found (ISO/IEC 18004). */
const QUIET_ZONE = 4;

export interface QrCodeProps {
  text: string;
  /** What the code is for, and what to do without a camera. */
  label: string;
}

/** A text as a square for a camera, dark on light whatever the colours of the app are. */
export function QrCode({ text, label }: QrCodeProps) {
  const { size, path } = useMemo(() => draw(text), [text]);
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" role="img" aria-label={label} focusable="false">
      <rect className="qr-light" width={size} height={size} />
      <path className="qr-dark" d={path} />
    </svg>
  );
}

/** One stroke for each run of dark modules of a row. */
function draw(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const runs: string[] = [];
  data.forEach((row, y) => {
    let from = 0;
    row.forEach((dark, x) => {
      if (!dark) from = x + 1;
      else if (row[x + 1] !== true) runs.push(`M${from} ${y}h${x + 1 - from}v1H${from}z`);
    });
  });
  return { size, path: runs.join("") };
}
