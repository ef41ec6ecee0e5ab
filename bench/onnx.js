/** The constants of an ONNX file in the order of its nodes: `{ dims, values }`. */
export function constants(file) {
    const [graph] = messages(file, 7);
    return messages(graph, 5).map((tensor) => ({
        dims: [...fields(tensor)].filter(([tag]) => tag === 1).map(([, dim]) => dim),
        values: new Float32Array(new Uint8Array(messages(tensor, 9)[0]).buffer),
    }));
}

/** What a protobuf message has of a tag, as bytes. */
const messages = (message, wanted) => [...fields(message)].filter(([tag]) => tag === wanted).map(([, value]) => value);

/** Tags and values of a protobuf message (https://protobuf.dev/programming-guides/encoding): numbers, or bytes. */
function* fields(message) {
    let at = 0;
    const varint = () => {
        for (let value = 0, place = 1; ; place *= 128) {
            const byte = message[at++];
            value += (byte % 128) * place;
            if (byte < 128) return value;
        }
    };
    while (at < message.length) {
        const key = varint();
        const value = varint();
        const isLength = key % 8 === 2;
        yield [key >> 3, isLength ? message.subarray(at, at + value) : value];
        if (isLength) at += value;
    }
}
