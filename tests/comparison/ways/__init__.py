"""How each tool is steered and watched: in its own way, as its documentation has it."""
