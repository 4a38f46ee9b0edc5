// The app's own icons: 24 by 24, drawn with strokes in the colour of the text beside them.

const PATHS = {
  add: "M12 5v14M5 12h14",
  alert: "M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.1",
  allergy: "M12 3c4 4.5 6 7.5 6 10.5a6 6 0 0 1-12 0C6 10.5 8 7.5 12 3zM12 9.5v4M12 16.4v.1",
  arrowDown: "M12 5v14m-6-6 6 6 6-6",
  arrowUp: "M12 19V5m-6 6 6-6 6 6",
  attachment: "m20 11-8.2 8.2a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.2 8.2a1.7 1.7 0 0 1-2.4-2.4L14.8 7",
  back: "M15 5l-7 7 7 7",
  check: "m5 12.5 4.5 4.5L19 7.5",
  chevronDown: "m6 9.5 6 6 6-6",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3 2",
  close: "M6 6l12 12M18 6 6 18",
  cloud: "M7.5 18.5a4.5 4.5 0 0 1-.4-9 5.6 5.6 0 0 1 10.7 1.3 3.9 3.9 0 0 1-.6 7.7z",
  cloudOff: "M7.5 18.5a4.5 4.5 0 0 1-.4-9m3-3a5.6 5.6 0 0 1 7.7 4.3 3.9 3.9 0 0 1 1.9 6.6M4 4l16 16",
  conflict: "M8 4v7a4 4 0 0 0 4 4v5M16 4v7a4 4 0 0 1-4 4M5.5 6.5 8 4l2.5 2.5M13.5 6.5 16 4l2.5 2.5",
  copy: "M9 9h10v11H9zM5 15V4h10",
  device: "M6 3h12v18H6zM11 18h2",
  download: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  eyeOff: "M4 4l16 16M9.9 5.8A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-3 3.7M6.3 7.7A16 16 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4-.9",
  history: "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 1.5",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.6v.1",
  key: "M14.5 4a5.5 5.5 0 1 0-4.8 8.2L4 18v3h3v-2h2v-2h2l1.5-1.5A5.5 5.5 0 0 0 14.5 4zM16 8v.1",
  language: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3.5 9.5h17M3.5 14.5h17M12 3c-5 5.5-5 12.5 0 18 5-5.5 5-12.5 0-18",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 14.5v2",
  medication: "M10.5 20.5a5 5 0 0 1-7-7l7-7a5 5 0 0 1 7 7zM7 10l7 7",
  more: "M5 12h.1M12 12h.1M19 12h.1",
  note: "M6 3h9l4 4v14H6zM9.5 12h6M9.5 16h6M14.5 3v4.5H19",
  patients: "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20a6.5 6.5 0 0 1 13 0M16 5.4a3.5 3.5 0 0 1 0 6.3M18 14.5a6.5 6.5 0 0 1 3.5 5.5",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5a7.5 7.5 0 0 1 15 0",
  print: "M7 8V3.5h10V8M7 17H4V8.5h16V17h-3M7 14h10v6.5H7z",
  problem: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 8v8M8 12h8",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.3 15.3 20.5 20.5",
  settings: "M4 7h10m4 0h2M4 12h2m4 0h10M4 17h8m4 0h4M16 5v4M8 10v4M14 15v4",
  share: "M6 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM17.5 3.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM17.5 15.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8.3 10.9l7-3.7M8.3 13.1l7 3.7",
  shield: "M12 3 4.5 6v5.5c0 4.5 3 7.7 7.5 9.5 4.5-1.8 7.5-5 7.5-9.5V6zM8.5 12l2.5 2.5 4.5-5",
  switch: "M4 8.5h14m-4-4 4 4-4 4M20 15.5H6m4-4-4 4 4 4",
  sync: "M4.5 10A8 8 0 0 1 19 8.5M19.5 14A8 8 0 0 1 5 15.5M19.5 4v4.5H15M4.5 20v-4.5H9",
  tasks: "M5 4h14v16H5zM8.5 9.5l1.5 1.5 2.5-3M8.5 15.5 10 17l2.5-3M15 10h1.5M15 16h1.5",
  team: "M8 4.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM16.5 6.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM2.5 19a5.5 5.5 0 0 1 11 0M15 14.5a5 5 0 0 1 6.5 4.5",
  trash: "M5 7h14M9.5 7V4h5v3M7 7l1 13h8l1-13M10.5 11v5.5M13.5 11v5.5",
  upload: "M12 20V9m-5 5 5-5 5 5M5 4h14",
  vitals: "M3 12h4l2.5-6 4.5 12 2.5-6H21",
} as const;

export type IconName = keyof typeof PATHS;

export interface IconProps {
  name: IconName;
  /** What the icon says where no text beside it does; without it, it is decoration. */
  label?: string;
}

export function Icon({ name, label }: IconProps) {
  const named = label === undefined ? { "aria-hidden": true as const } : { role: "img", "aria-label": label };
  return (
    <svg className="icon" viewBox="0 0 24 24" focusable="false" {...named}>
      <path d={PATHS[name]} />
    </svg>
  );
}
