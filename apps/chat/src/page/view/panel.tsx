import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { CloseIcon } from "./icons.tsx";

interface PanelProps {
  readonly side: "left" | "right" | "middle";
  readonly label: string;
  /** On top of the conversation, opened and closed; otherwise always beside it. */
  readonly floating: boolean;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A part of the page beside the conversation, or a drawer where there is no room for it. */
export function Panel({ side, label, floating, open, onClose, children }: PanelProps) {
  if (!floating) {
    return (
      <aside class={`panel panel-${side}`} aria-label={label}>
        {children}
      </aside>
    );
  }
  return open ? (
    <Drawer side={side} label={label} onClose={onClose}>
      {children}
    </Drawer>
  ) : null;
}

/** The browser's modal dialog: it keeps the focus inside and closes on Escape. The focus then goes back to its opener. */
function Drawer({ side, label, onClose, children }: Omit<PanelProps, "floating" | "open">) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    // Escape is taken at once: the browser tells that it has closed a dialog only later, when the next key may have come.
    const onCancel = (event: Event): void => {
      event.preventDefault();
      onClose();
    };
    element?.showModal();
    element?.addEventListener("cancel", onCancel);
    element?.addEventListener("close", onClose);
    return () => {
      // Its own closing comes as a task, when another drawer may already be open.
      element?.removeEventListener("cancel", onCancel);
      element?.removeEventListener("close", onClose);
      element?.close();
      // The browser does this only for a dialog that stays in the page.
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`drawer panel-${side}`}
      aria-label={label}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="drawer-body">
        <button type="button" class="icon-button drawer-close" aria-label="Close" onClick={onClose}>
          <CloseIcon />
        </button>
        {children}
      </div>
    </dialog>
  );
}
