namespace Prima.Extensions.Caching.Redis.TestServers.Certificates;

/// <summary>What a TLS server shows to its clients.</summary>
public enum ServerCertificate
{
    /// <summary>For localhost and 127.0.0.1, by the authority in <see cref="TestCertificates.AuthorityFile"/>.</summary>
    Trusted,

    /// <summary>As trusted, but by an authority that nobody was told of.</summary>
    OtherAuthority,

    /// <summary>As trusted, but past its time.</summary>
    Expired,

    /// <summary>As trusted, but for another host.</summary>
    OtherHost,
}
