class Recorder:
    def __init__(self):
        self.problems = []
        self.rest = []
        self.frames = []

    @classmethod
    def attached_to(cls, s):
        r = cls()
        s.observers.append(r.rest.append)
        s.gateway_observers.append(r.frames.append)
        return r
