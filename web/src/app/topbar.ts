// What stands in the top bar beside the usual: folders that have a topbar.tsx export `TopBarItem` (the bell of notifications).
import type { ComponentType } from 'react';

const found = import.meta.glob<{ TopBarItem: ComponentType }>('../*/topbar.tsx', { eager: true });
export const topBarItems: ComponentType[] = Object.values(found).map((module) => module.TopBarItem);
