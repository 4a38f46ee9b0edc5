import { type ChangeEvent, type ReactNode, useRef } from "react";
import { Button } from "../../../ui";

export interface CameraButtonProps {
  onPhoto(photo: File): void;
  children: ReactNode;
}

/** Opens the camera that looks away from the person; where there is none, a choice of pictures. */
export function CameraButton({ onPhoto, children }: CameraButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  const take = (event: ChangeEvent<HTMLInputElement>) => {
    const photo = event.currentTarget.files?.[0];
    // Emptied, so that the same picture can be chosen once more.
    event.currentTarget.value = "";
    if (photo !== undefined) onPhoto(photo);
  };
  return (
    <>
      <Button variant="primary" icon="add" onPress={() => input.current?.click()}>{children}</Button>
      <input ref={input} type="file" accept="image/*" capture="environment" hidden onChange={take} />
    </>
  );
}
