// The sections of the side menu, in the manuals' order (S3 2.2.3; those of a gateway S0 4).
export const sections = ['home', 'box', 'devices', 'host', 'collection', 'readings', 'upward', 'events', 'admin', 'settings', 'about'] as const;
export type Section = (typeof sections)[number];
