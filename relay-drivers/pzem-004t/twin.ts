import { isSealed, sealed } from '../modbus/crc.ts';
import { decodeRegisterRequest, encodeRegistersReply } from '../modbus/registers.ts';
import type { MeterProtocol } from '../simulator/meter-twin.ts';
import { ANY_UNIT, PZEM_REGISTERS, pzemRegisters } from './codec.ts';

const FACTORY_UNIT = 1;

/**
 * A simulated PZEM-004T v3. Asked as "any" it answers as "any", as recorded (captures/pzem004t-v3.real). It is fed by
 * the mains that it measures: where those are gone (`cutPower`), it is silent.
 */
export function pzemTwin(): MeterProtocol {
  return {
    kind: 'polled',
    unit: FACTORY_UNIT,
    hear: (frame, own, truth) => {
      const [unit = 0, code = 0] = frame;
      if ((unit !== own && unit !== ANY_UNIT) || !isSealed(frame, 0, frame.length)) return null;
      const request = decodeRegisterRequest(frame);
      if (request?.kind !== 'read_input') return sealed([unit, code | 0x80, 1]);
      const { address, quantity } = request;
      if (quantity === 0 || address + quantity > PZEM_REGISTERS) return sealed([unit, code | 0x80, 2]);
      return encodeRegistersReply(unit, code, pzemRegisters(truth).slice(address, address + quantity));
    },
  };
}
