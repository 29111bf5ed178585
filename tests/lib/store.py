"""What a disk may do to the store of a broker that does not run."""

import os
import sqlite3


def spoil(folder, table, number, chunk):
    """Change one bit in the data of a row."""
    store = sqlite3.connect(os.path.join(folder, "store.db"))
    row = number << 24 | chunk
    with store:
        data = bytearray(store.execute(f"SELECT data FROM {table} WHERE id = ?", (row,))
                         .fetchone()[0])
        data[-2] ^= 1
        store.execute(f"UPDATE {table} SET data = ? WHERE id = ?", (bytes(data), row))
    store.close()
