// Tabs of a device's page (S3 2.2.6, 3.4): every folder of src/ that has a deviceTabs.tsx exports `deviceTabs`. The open tab is
// in the address (?tab=key); a component is drawn only while its tab is open, and is best lazy().
import type { ComponentType } from 'react';
import type { Answer } from '../api/client';

export type OpenDevice = Answer<'/api/v1/devices/{id}'>;

export interface DeviceTab {
  key: string;
  /** Key of the title in a dictionary: "devices:tab.events". */
  title: string;
  /** 10 Измерения, 20 Параметры сети, 30 События, 40 Состояния, 50 История команд, 60 Обмен. */
  order: number;
  permission?: string;
  component: ComponentType<{ device: OpenDevice }>;
}

const found = import.meta.glob<{ deviceTabs: DeviceTab[] }>('../*/deviceTabs.tsx', { eager: true });
export const deviceTabs: DeviceTab[] = Object.values(found).flatMap((module) => module.deviceTabs).sort((a, b) => a.order - b.order);
