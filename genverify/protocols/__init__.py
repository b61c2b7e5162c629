"""How one family of critics is spoken to: a problem and its steps go in, one critique a step comes out."""
