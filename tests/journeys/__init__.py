"""Two applications and a real server, driven as people drive them."""
