// A table as HTML knows it: screen readers move through it by row and column, and printing and copying work. A row is
// opened by a real button in its first cell, whose area covers the row.

import { type ReactNode, useState } from "react";
import { useTexts } from "../texts";
import { classes } from "./classes";
import { Icon } from "./Icon";

export interface Column<Row> {
  id: string;
  name: string;
  render(row: Row): ReactNode;
  /** Numbers are aligned to the end. */
  numeric?: boolean;
  /** Lets a person sort by it. */
  compare?(a: Row, b: Row): number;
  /** Left out where there is little room. */
  wideOnly?: boolean;
}

export interface TableProps<Row> {
  /** Read out as the name of the table. */
  caption: string;
  /** The first one names the row. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowId(row: Row): string;
  /** Makes rows open something. */
  onOpen?(row: Row): void;
  /** What the row is called when it is opened; has to be given with `onOpen`. */
  rowName?(row: Row): string;
  /** Stands in place of the table where there are no rows. */
  empty?: ReactNode;
}

export function Table<Row>({ caption, columns, rows, rowId, onOpen, rowName, empty }: TableProps<Row>) {
  const texts = useTexts().common;
  const [sort, setSort] = useState<{ column: string; down: boolean }>();
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;

  const by = columns.find(({ id }) => id === sort?.column)?.compare;
  const sorted = by === undefined ? rows : [...rows].sort((a, b) => by(a, b) * (sort?.down === true ? -1 : 1));
  const sortBy = (column: string) => setSort({ column, down: sort?.column === column && !sort.down });

  return (
    <div className="table-scroll" role="group" aria-label={caption} tabIndex={0}>
      <table className="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ id, name, compare, numeric = false, wideOnly = false }) => {
              const direction = sort?.column !== id ? "none" : sort.down ? "descending" : "ascending";
              return (
                <th
                  key={id}
                  scope="col"
                  className={classes(numeric && "numeric", wideOnly && "wide-only")}
                  aria-sort={compare === undefined ? undefined : direction}
                >
                  {compare === undefined ? name : (
                    <button type="button" className="table-sort" onClick={() => sortBy(id)} aria-label={texts.sortBy(name)}>
                      {name}
                      {direction !== "none" && <Icon name={direction === "descending" ? "arrowDown" : "arrowUp"} />}
                    </button>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={rowId(row)} className={onOpen === undefined ? undefined : "table-row-opens"}>
              {columns.map(({ id, render, numeric = false, wideOnly = false }, at) => {
                const className = classes(numeric && "numeric figures", wideOnly && "wide-only");
                if (at > 0) return <td key={id} className={className}>{render(row)}</td>;
                return (
                  <th key={id} scope="row" className={className}>
                    {onOpen === undefined ? render(row) : (
                      <button type="button" className="table-open" onClick={() => onOpen(row)} aria-label={rowName && texts.openRow(rowName(row))}>
                        {render(row)}
                      </button>
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
