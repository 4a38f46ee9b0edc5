import type { ReactNode } from "react";

export interface PlainTableProps {
  /** The first one names the row. */
  heads: readonly string[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
  caption: string;
}

/** A table for paper: nothing to press, and its heads again on each page. On a narrow screen it is scrolled by itself. */
export function PlainTable({ heads, rows, caption }: PlainTableProps) {
  return (
    <div className="handover-scroll" role="group" aria-label={caption} tabIndex={0}>
      <table className="handover-table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, at) => (at === 0 ? <th key={at} scope="row">{cell}</th> : <td key={at}>{cell}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
