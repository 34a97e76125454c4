"""The move that a Connect Four network prefers, without any search.

python3 docs/examples/connect4.py models/connect4/model.onnx 112233
"""
import sys
import numpy as np
import onnxruntime as ort

path, moves = sys.argv[1], [int(column) - 1 for column in (sys.argv[2] if len(sys.argv) > 2 else "")]
planes = [[[0.0] * 7 for _ in range(6)] for _ in range(2)]  # [own stones, the other's][row from the top][column]
for ply, column in enumerate(moves):
    row = max(r for r in range(6) if not any(plane[r][column] for plane in planes))
    planes[(len(moves) - ply) % 2][row][column] = 1.0  # the stones of every second ply, counted back, are those of the side to move
policy, value = ort.InferenceSession(path).run(["policy", "value"], {"planes": np.array([planes], np.float32)})
legal = [column for column in range(7) if not any(plane[0][column] for plane in planes)]
best = max(legal, key=lambda column: policy[0][column])
print(f"column {best + 1}, value {value[0]:+.2f}")
