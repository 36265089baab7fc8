"""Pure functions and frozen dataclasses: the words of the domain and the rules that hold without any framework."""
