import { type ReactNode, useState } from "react";
import { useShownOnce } from "../../app/editing";
import { FailureNotice } from "../../ui";
import { useLeave } from "./leaving";
import { RecoverySheet, type RecoverySheetProps } from "./RecoverySheet";

export interface CodesFirstProps extends Omit<RecoverySheetProps, "onDone"> {
  /** How far the vault is with what it does meanwhile; nothing once that is over. */
  meanwhile: ReactNode;
}

/** Codes are on the screen as soon as they count, and stay there while the vault is busy with the rest. */
export function CodesFirst({ meanwhile, ...sheet }: CodesFirstProps) {
  const [kept, setKept] = useState(false);
  const { leave, failure } = useLeave();
  // Until the vault is open the device locks by itself all the same.
  useShownOnce();
  const goOn = () => {
    setKept(true);
    void leave();
  };
  if (kept) return <>{meanwhile}<FailureNotice failure={failure} /></>;
  return (
    <>
      <div className="screen-only">{meanwhile}</div>
      <RecoverySheet {...sheet} onDone={goOn} />
    </>
  );
}
