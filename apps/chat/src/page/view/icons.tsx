import type { ComponentChildren } from "preact";

/** Line icons of 20 units, drawn in the colour of the text around them. Decoration: labels say what they mean. */
function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const MenuIcon = () => (
  <Icon>
    <path d="M3.5 5.5h13M3.5 10h13M3.5 14.5h8" />
  </Icon>
);

export const PeopleIcon = () => (
  <Icon>
    <circle cx="7.5" cy="7" r="2.8" />
    <path d="M2.5 16c.4-2.9 2.4-4.4 5-4.4s4.6 1.5 5 4.4M13 4.5a2.7 2.7 0 0 1 0 5.1M14.6 11.9c1.7.6 2.7 2 2.9 4.1" />
  </Icon>
);

export const PersonIcon = () => (
  <Icon>
    <circle cx="10" cy="6.8" r="3" />
    <path d="M4.5 16.5c.5-3.2 2.7-4.8 5.5-4.8s5 1.6 5.5 4.8" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="m5 5 10 10M15 5 5 15" />
  </Icon>
);

export const SendIcon = () => (
  <Icon>
    <path d="M10 16V4.5M5 9.2l5-4.9 5 4.9" />
  </Icon>
);

export const DownIcon = () => (
  <Icon>
    <path d="M10 4v11.5M5 10.8l5 4.9 5-4.9" />
  </Icon>
);

export const ClockIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="6.5" />
    <path d="M10 6.2V10l2.5 1.7" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="m4.5 10.5 3.7 3.7 7.3-8" />
  </Icon>
);

export const WarningIcon = () => (
  <Icon>
    <path d="M10 3.3 17.5 16h-15L10 3.3ZM10 8.3v3.4M10 14v.1" />
  </Icon>
);
